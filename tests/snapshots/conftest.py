"""A terminal that stands still, and a log of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.support import stand_still


@pytest.fixture(autouse=True)
def _stillness(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_still(monkeypatch, tmp_path)
