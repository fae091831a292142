"""What the terminal shows once the dashboard is closed."""

from __future__ import annotations

from tui import formats
from tui.run_view import Phase, RunView


def farewell(run: RunView) -> list[str]:
    """A run in three lines, the last its path; nothing of one that was only looked at, or that never began."""
    if run.started is None or run.phase is Phase.OPENED:
        return []
    done, wanted = len(run.epochs), run.started.epochs
    state = "interrupted" if not run.is_over else run.phase.value
    seconds = formats.clock(sum(epoch.seconds for epoch in run.epochs))
    lines = [f"{run.preset}: {state} after {done} of {wanted} epochs, {seconds} of training"]
    if not run.epochs:
        return [*lines, "No epoch was finished.", run.started.run]
    last = run.epochs[-1]
    validated = last.validation_accuracy is not None
    best = max((epoch.validation_accuracy if validated else epoch.train_accuracy) or 0 for epoch in run.epochs)
    accuracy = f"Best {'validation' if validated else 'training'} accuracy {formats.percent(best)}"
    if run.ended is not None and run.ended.test_accuracy is not None:
        accuracy += f", test accuracy {formats.percent(run.ended.test_accuracy)}"
    return [*lines, accuracy, run.started.run]
