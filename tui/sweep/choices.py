"""What can be chosen of sweeps, and what is wrong with what was typed for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engine.sweep.request import Request
from engine.sweep.stored import list_sweeps
from tui.item import Item
from tui.sweep.view import SweepView


def sweep_items(root: Path) -> list[Item]:
    """The sweeps in a runs directory, the newest first."""
    return [Item(str(path), path.stem, f"{datetime.fromtimestamp(path.stat().st_mtime):%d %B %Y, %H:%M}") for path in list_sweeps(root)]


def going_on(request: Request, name: str) -> Request:
    """What goes on with a sweep in the way of a request: what makes its trials comparable is the sweep's own."""
    return replace(request, name=name, vary=None, hyperparameters=None, sampler=None, pruner=None, seed=None, dataset=None)


class Budget:
    """How much a sweep is to have in all when it is gone on with: trials, or minutes where it had no other measure."""

    def __init__(self, sweep: SweepView) -> None:
        assert sweep.started is not None
        before = sweep.started
        self._in_minutes = before.trials is None and before.minutes is not None
        self._least = len(sweep.rows)
        self.trials, self.minutes = before.trials, before.minutes

    @property
    def title(self) -> str:
        return "Minutes in all" if self._in_minutes else f"Trials in all, with the {self._least} there are"

    @property
    def suggestion(self) -> str:
        """As much as was wanted before, or, where that is done, twice as much."""
        if self._in_minutes:
            return f"{2 * (self.minutes or 1):g}"
        wanted = self.trials or self._least
        return str(wanted if wanted > self._least else 2 * max(1, self._least))

    def problem(self, text: str) -> str:
        """Takes what was typed; why that cannot be done, or an empty string."""
        try:
            if self._in_minutes:
                self.minutes = float(text)
                return "" if self.minutes > 0 else "Give more than 0."
            self.trials = int(text)
        except ValueError:
            return f"{text!r} is no {'number' if self._in_minutes else 'whole number'}."
        return "" if self.trials >= 1 else "Give 1 or more."
