"""What the terminal shows once the dashboard is closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Started
from tui import formats
from tui.runs.resume_command import resume_command, sweep_command
from tui.runs.view import RunPhase, RunView

if TYPE_CHECKING:
    from tui.sweep.view import SweepView


def farewell(run: RunView, worker: str | None = None) -> list[str]:
    """A run in three lines, the last its path, and for one that is not finished a fourth that says how to go on, with ``worker`` where it
    was trained on another machine; nothing of one that was only looked at, or that never began.
    """
    if run.started is None or run.phase is RunPhase.OPENED:
        return []
    can_go_on = run.phase is not RunPhase.FINISHED and _is_kept(run.started.run)
    return [*_account(run, run.started), *([f"Go on with: {resume_command(run.started.run, worker)}"] if can_go_on else [])]


def sweep_farewell(sweep: SweepView) -> list[str]:
    """A sweep that can be gone on with in two lines, the last how; nothing of one that has finished or never began."""
    if sweep.started is None or (sweep.finished is not None and sweep.finished.reason != "stopped"):
        return []
    wanted = f" of {sweep.started.trials}" if sweep.started.trials is not None else ""
    value = sweep.rows[sweep.best].value if sweep.best is not None else None
    best = f", the best with a validation accuracy of {formats.percent(value)}" if value is not None else ""
    return [f"Sweep {sweep.name}: {sweep.ended}{wanted} trials ended{best}", f"Go on with: {sweep_command(sweep.started.study)}"]


def _is_kept(directory: str) -> bool:
    """A run that failed before there was anything to keep is gone."""
    from engine.runs.names import is_run

    return is_run(Path(directory))


def _account(run: RunView, started: Started) -> list[str]:
    done, wanted = len(run.epochs), started.epochs
    state = "interrupted" if not run.is_over else run.phase.value
    seconds = formats.clock(sum(epoch.seconds for epoch in run.epochs))
    lines = [f"{run.preset or Path(started.run).name}: {state} after {done} of {wanted} epochs, {seconds} of training"]
    if not run.epochs:
        return [*lines, "No epoch was finished.", started.run]
    accuracy = _best(run)
    if run.ended is not None and run.ended.test_accuracy is not None:
        accuracy += f", test accuracy {formats.percent(run.ended.test_accuracy)}"
    return [*lines, accuracy, started.run]


def _best(run: RunView) -> str:
    """The best accuracy on the digits that were not trained on, where there are some, in words: of an ensemble that is over, that of all
    its members together.
    """
    together = run.members[-1].committee_validation_accuracy if run.ended is not None and len(run.members) > 1 else None
    if together is not None:
        return f"Validation accuracy {formats.percent(together)} of {len(run.members)} members together"
    validated = run.epochs[-1].validation_accuracy is not None
    best = max((epoch.validation_accuracy if validated else epoch.train_accuracy) or 0 for epoch in run.epochs)
    return f"Best {'validation' if validated else 'training'} accuracy {formats.percent(best)}"
