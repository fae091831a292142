"""The hyperparameters of runs, as their files have them, kept: of hundreds of runs each file is read once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.hyperparameters.dotted_keys import flat

if TYPE_CHECKING:
    from engine.runs.summary import Summary


class StoredHyperparameters:
    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Mapping[str, Any]] = {}
        """By the run's directory and its start: a run keeps those that it began with."""

    def of(self, run: Summary) -> Mapping[str, Any]:
        """By dotted key. What a file does not name has its default; nothing is known of one that cannot be read."""
        key = (run.path, run.when)
        if key not in self._known:
            self._known[key] = _read(Path(run.path))
        return self._known[key]


def _read(run: Path) -> Mapping[str, Any]:
    import tomllib

    from engine.hyperparameters.table import HYPERPARAMETERS
    from engine.runs.names import HYPERPARAMETERS_FILE

    try:
        values = tomllib.loads((run / HYPERPARAMETERS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {**{key: leaf.default for key, leaf in HYPERPARAMETERS.items()}, **flat(values)}
