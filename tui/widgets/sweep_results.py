"""A sweep in six panes: its trials, the one under the cursor, the best so far, importance, parallel coordinates, and its workers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from engine.sweep.results import Row, best_first
from engine.sweep.space import Space, parse_space
from tui import formats
from tui.dashboard import dashboard
from tui.sweep.view import SweepPhase, SweepView
from tui.widgets.chart import Chart, Point, Series
from tui.widgets.importance_bars import ImportanceBars
from tui.widgets.key_hints import key_hints
from tui.widgets.parallel_coordinates import ParallelCoordinates
from tui.widgets.sweep_workers import SweepWorkers
from tui.widgets.trial_details import TrialDetails
from tui.widgets.trial_table import TrialTable

VIEWS = (("trials", "trial"), ("best", "importance"), ("coordinates",), ("workers",))
"""Panes that are shown together where there is no room for all."""
SPARED = ("importance", "coordinates")
"""Panes that are left to their own views where there are few rows."""
FAR = 1.5
"""A trial is drawn unless it lies so many times as far below the lowest quarter's bound as the best is above it."""
CHARTS_EVERY = 1.0
"""Seconds between two drawings of the charts while the sweep goes on."""


class SweepResults(Container):
    def __init__(self) -> None:
        super().__init__(id="results")
        self.table = TrialTable(id="trials")
        self._details = TrialDetails(id="trial")
        self._chart = Chart("Best so far", "%", "The first trial is not completed yet.", has_log_scale=False, id="best")
        self._importance = ImportanceBars(id="importance")
        self._coordinates = ParallelCoordinates(id="coordinates")
        self._workers = SweepWorkers(id="workers")
        self._sweep: SweepView | None = None
        self._spaces: dict[str, Space] = {}
        self._version = -1
        self._charted: tuple[object, ...] = ()
        """What the charts showed when they were drawn last."""
        self._charted_at = 0.0
        self._view: int | None = None
        """Of ``VIEWS``; None shows all where there is room."""
        self._is_wide = self._is_high = True

    def compose(self) -> ComposeResult:
        with Vertical(id="left"):
            yield self.table
            yield self._coordinates
        with Vertical(id="right"):
            yield self._chart
            yield self._importance
            yield self._details
            yield self._workers

    # Which panes

    def zoom(self) -> None:
        """The next view; after the last, all panes where there is room for them."""
        following = 0 if (shown := self._shown) is None else shown + 1
        self._view = following if following < len(VIEWS) else None
        self.lay_out(self._is_wide, self._is_high)

    @property
    def _shown(self) -> int | None:
        return 0 if self._view is None and not self._is_wide else self._view

    @property
    def shows_cursor(self) -> bool:
        """Whether it is to be seen which trial the cursor is on."""
        return bool(self.table.display or self._coordinates.display)

    def lay_out(self, is_wide: bool, is_high: bool) -> None:
        """Shows the panes that there is room for."""
        self._is_wide, self._is_high = is_wide, is_high
        view = self._shown
        for name in (name for names in VIEWS for name in names):
            fits = is_high or name not in SPARED
            self.query_one(f"#{name}").display = fits if view is None else name in VIEWS[view]
        for side in self.query("#left, #right"):
            side.display = any(child.display for child in side.children)
        for number in range(len(VIEWS)):
            self.set_class(view == number, f"-view-{number}")

    # What they show

    def follow(self, sweep: SweepView) -> None:
        """Draws what has changed since the last time."""
        if sweep is not self._sweep:
            self._sweep, self._spaces, self._version, self._charted = sweep, {}, -1, ()
            self.table.begin({}, 0)
        if sweep.version == self._version and self._charted == _charted(sweep):
            return
        self._version = sweep.version
        if sweep.started is not None and not self._spaces and sweep.base is not None:
            self._spaces = parse_space([f"{key}={text}" for key, text in sweep.started.space.items()], sweep.base)
            self.table.begin(self._spaces, sweep.base.training.epochs)
        with self.app.batch_update():
            self._show_table(sweep)
            self.show_trial()
            self._workers.show(sweep)
            self._show_charts(sweep)

    def _show_table(self, sweep: SweepView) -> None:
        best = sweep.winner if sweep.winner is not None else sweep.best
        self.table.show(sweep.rows, best, sweep.ended)
        self.show_heading(sweep)

    def show_heading(self, sweep: SweepView) -> None:
        """What the trials are ordered by, and how to change that."""
        self.table.border_title = f"Trials by {self.table.order}{', turned round' if self.table.is_reversed else ''}"
        app, hidden = dashboard(self), self.table.hidden
        more = f", {hidden} more column{'s' if hidden > 1 else ''}" if hidden else ""
        sort = f"{app.key('sweep.sort_before')} {app.key('sweep.sort_next')}"
        keys = key_hints((sort, f"order{more}"), (app.key("sweep.reverse"), "turn round"), gap="  ")
        self.table.border_subtitle = Content.assemble(keys, f"  ★ {'winner' if sweep.winner is not None else 'best'}")

    def show_trial(self) -> None:
        """The trial under the cursor."""
        sweep = self._sweep
        if sweep is None:
            return
        trial = self.table.trial
        mark = "the winner" if trial == sweep.winner else "the best so far" if trial == sweep.best and sweep.winner is None else ""
        kept = trial is not None and sweep.model(trial) is not None
        can = [("apply", "apply"), *([("open_trial", "open")] if kept else []), ("save", "keep")] if trial is not None else []
        keys = key_hints(*((dashboard(self).key(f"sweep.{action}"), word) for action, word in can), gap="  ")
        self._details.show(sweep.rows[trial] if trial is not None else None, mark if trial is not None else "", kept, keys)
        self._coordinates.choose(trial)

    def _show_charts(self, sweep: SweepView) -> None:
        state, now = _charted(sweep), time.monotonic()
        if state == self._charted or (now - self._charted_at < CHARTS_EVERY and not sweep.is_over):
            return
        self._charted, self._charted_at = state, now
        series, below = best_so_far(sweep.history)
        self._chart.show(series)
        self._chart.offer(Content(f"{formats.count(below, 'trial')} far below, not drawn" if below else ""))
        importance = sweep.importance
        self._importance.show(importance)
        is_settled = importance is not None and importance.values and sweep.phase is not SweepPhase.SEARCHING
        order = [*importance.values] if importance is not None and is_settled else sweep.keys
        self._coordinates.show(self._spaces, valued(sweep.rows.values()), order)


def _charted(sweep: SweepView) -> tuple[object, ...]:
    """What the charts depend on."""
    return sweep.ended, sweep.importance, sweep.is_over


def valued(rows: Iterable[Row]) -> list[Row]:
    """The trials that have a value and are over, the best first."""
    return best_first(row for row in rows if row.value is not None and row.state != "running")


def best_so_far(history: Sequence[tuple[int, float | None]]) -> tuple[list[Series], int]:
    """The best value after each trial, by the trials' numbers, and, as dots, those of all completed ones but the few that lie so far
    below the others that they would press them together; and how many these are.
    """
    values = sorted(value for _, value in history if value is not None)
    if not values:
        return [], 0
    quarter = values[len(values) // 4]
    floor, best = quarter - FAR * (values[-1] - quarter), 0.0
    line: list[Point] = []
    dots: list[Point] = []
    for trial, value in sorted(history, key=lambda ended: ended[0]):
        before, best = best, max(best, value or 0.0)
        line += [(trial, 100 * reached) for reached in (before, best) if reached >= floor]
        if value is not None and value >= floor:
            dots.append((trial, 100 * value))
    series = [Series("best", line, "validation", "━"), Series("trials", dots, "train", "•", dotted=True, joined=False)]
    return series, len(values) - len(dots)
