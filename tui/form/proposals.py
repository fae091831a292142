"""What a hint would change in the form: no value that the form has already, or is beyond."""

from __future__ import annotations

from typing import Any

from engine.events import Hint
from tui.form.draft import Draft
from tui.runs.view import RunView


def proposed(hint: Hint, draft: Draft, run: RunView) -> dict[str, Any]:
    """By dotted key, what the hint about a run would change in the form. Which way it goes, the value that the run has says."""
    return {key: value for key, value in hint.changes.items() if not _is_met(run.value(key), draft.entry(key), value)}


def _is_met(before: Any, now: Any, wanted: Any) -> bool:
    if not all(isinstance(value, int | float) for value in (before, now, wanted)) or before == wanted:
        return bool(now == wanted)
    return bool(now >= wanted) if wanted > before else bool(now <= wanted)
