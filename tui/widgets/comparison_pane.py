"""Two to ten runs side by side: their figures in a table, their curves in charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui.dashboard import dashboard
from tui.runs import comparison
from tui.runs.comparison import LETTERS
from tui.runs.view import later_members
from tui.widgets import learning_curves
from tui.widgets.chart import Point, Series
from tui.widgets.comparison_table import ComparisonTable
from tui.widgets.key_hints import key_hints
from tui.widgets.pace import Pace

if TYPE_CHECKING:
    from engine.events import EpochEnded
    from engine.runs.summary import Summary

REST = 0.15
"""Seconds between two drawings, at the least: ten curves take a tenth of a second."""
ZOOMS = ("", "-accuracy", "-loss", "-learning-rate")
"""Classes: the table with charts, or one chart alone."""


class ComparisonPane(Vertical):
    """``all_values`` shows what is the same for all runs too."""

    def __init__(self) -> None:
        super().__init__(id="comparison")
        self.table = ComparisonTable()
        self._charts = learning_curves.charts("no epochs yet")
        self.all_values = False
        self.runs: Sequence[Summary] = ()
        self._hyperparameters: Sequence[Mapping[str, Any]] = ()
        self._points: list[dict[str, list[Point]]] = []
        """Of each run, by the chart's field."""
        self._begins: list[frozenset[float]] = []
        """Of each run, as ``Series.begins``."""
        self._zoom = 0
        self._is_logarithmic = False
        self._pace = Pace(self, REST, lambda: self.call_after_refresh(self._draw_charts, list(self._charts)))

    def compose(self) -> ComposeResult:
        yield self.table
        with Horizontal(id="curves"):
            yield from self._charts.values()

    def show(self, runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]], epochs: Sequence[Sequence[EpochEnded]]) -> None:
        """Ten runs at the most, with their hyperparameters and epochs."""
        self.runs, self._hyperparameters = runs, hyperparameters
        self._points, self._begins = [_points(found) for found in epochs], [later_members(found) for found in epochs]
        for name in ("accuracy", "loss"):
            self._charts[name].title = learning_curves.chart_title(name, epochs)
        self._show_table()
        self._pace.ask()

    def _show_table(self) -> None:
        self.table.show(self.runs, comparison.rows(self.runs, self._hyperparameters, self.all_values))
        self.border_title = f"{len(self.runs)} runs: {'all values' if self.all_values else 'what differs'}"
        key = dashboard(self).key
        across, along = (f"{key(f'runs.{one}')} {key(f'runs.{other}')}" for one, other in (("left", "right"), ("up", "down")))
        self.border_subtitle = key_hints(("Esc", "back"), (across, "run"), (along, "line"), gap="  ")

    @property
    def run(self) -> Summary | None:
        """The one under the cursor."""
        return self.runs[self.table.chosen] if self.runs else None

    def choose(self, by: int) -> None:
        """Another run, whose curves come to the front."""
        self.table.choose(self.table.chosen + by)
        self._pace.ask()

    def on_comparison_table_chosen(self) -> None:
        self._pace.ask()

    def toggle_all(self) -> None:
        self.all_values = not self.all_values
        self._show_table()

    def zoom(self) -> None:
        """One chart alone, the next, the table and charts again."""
        self._zoom = (self._zoom + 1) % len(ZOOMS)
        self.set_classes(ZOOMS[self._zoom])

    def toggle_log_scale(self) -> None:
        self._is_logarithmic = not self._is_logarithmic
        for chart in self._charts.values():
            chart.scale(self._is_logarithmic)

    # Curves

    @property
    def is_up_to_date(self) -> bool:
        """Whether all that was to be shown is drawn."""
        return not self._pace.is_resting

    def _draw_charts(self, names: Sequence[str]) -> None:
        """One after the other, so that a key that comes meanwhile waits for one at the most."""
        places = sorted(range(len(self._points)), key=lambda place: place != self.table.chosen)
        self._charts[names[0]].show([self._series(place, names[0]) for place in places])
        if names[1:]:
            self.call_after_refresh(self._draw_charts, names[1:])

    def _series(self, place: int, name: str) -> Series:
        letter, is_chosen = LETTERS[place], place == self.table.chosen
        points, sign = self._points[place][name], "•" if is_chosen else "━"
        return Series(letter, points, f"curve-{place}", sign, dotted=is_chosen, label=letter, begins=self._begins[place])


def _points(epochs: Sequence[EpochEnded]) -> dict[str, list[Point]]:
    part = learning_curves.judged_part(epochs)
    return {field: learning_curves.points(epochs, field, part) for field in learning_curves.FIELDS}
