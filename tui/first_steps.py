"""How to get a run in hand where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import DigitsApp


def count_runs(chosen: Path | None) -> int:
    """How many runs there are in a directory, or in the usual one. 0 where that cannot be read: the screen of all runs says why."""
    from engine.runs.index import run_directories
    from engine.runs.names import runs_directory

    try:
        return sum(1 for _ in run_directories(runs_directory(chosen)))
    except OSError:
        return 0


def first_steps(app: DigitsApp, runs: int) -> str:
    """A sentence that names the keys: to train, and where there are runs, to open one."""
    train = f"Press {app.key('view.show_train')}, then {app.key('train.run')}, to train a network"
    if not runs:
        return f"{train}."
    which = "your run" if runs == 1 else f"one of your {runs:,} runs"
    return f"{train}, or {app.key('view.show_runs')}, then {app.key('runs.open_digits')}, to open {which}."
