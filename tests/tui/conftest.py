"""A terminal that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tui import worker_log


@pytest.fixture(autouse=True)
def _stillness(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No blinking, no animation, no colours of the developer's own, no log outside."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(worker_log.platformdirs, "user_log_dir", lambda *names, **options: str(tmp_path / "log"))
