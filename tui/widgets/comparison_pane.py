"""Two to ten runs side by side: their figures in a table, their curves in charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui import comparison, formats
from tui.comparison import LETTERS
from tui.dashboard import dashboard
from tui.run_view import later_members
from tui.widgets.chart import Chart, Series
from tui.widgets.comparison_table import ComparisonTable
from tui.widgets.key_hints import key_hints

if TYPE_CHECKING:
    from engine.events import EpochEnded
    from engine.runs import Summary

EMPTY = "no epochs yet"
REST = 0.15
"""Seconds between two drawings, at the least: ten curves take a tenth of a second."""
ZOOMS = ("", "-accuracy", "-loss", "-learning-rate")
"""Classes: the table with charts, or one chart alone."""


class ComparisonPane(Vertical):
    """``all_values`` shows what is the same for all runs too."""

    def __init__(self) -> None:
        super().__init__(id="comparison")
        self.table = ComparisonTable()
        self._charts = {
            "accuracy": Chart("Validation accuracy", "%", EMPTY, lambda value: f"{value:.2f}%", has_log_scale=False, id="accuracy"),
            "loss": Chart("Validation loss", "", EMPTY, formats.decimals, id="loss"),
            "learning_rate": Chart("Learning rate", "", EMPTY, formats.scientific, id="learning-rate"),
        }
        self.all_values = False
        self.runs: Sequence[Summary] = ()
        self._hyperparameters: Sequence[Mapping[str, Any]] = ()
        self._points: list[dict[str, list[tuple[float, float | None]]]] = []
        """Of each run, by chart."""
        self._begins: list[frozenset[float]] = []
        """Of each run, as ``Series.begins``."""
        self._zoom = 0
        self._is_logarithmic = False
        self._rest: Timer | None = None
        self._is_drawn = True

    def compose(self) -> ComposeResult:
        yield self.table
        with Horizontal(id="curves"):
            yield from self._charts.values()

    def show(self, runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]], epochs: Sequence[Sequence[EpochEnded]]) -> None:
        """Ten runs at the most, with their hyperparameters and epochs."""
        self.runs, self._hyperparameters = runs, hyperparameters
        self._points, self._begins = [_points(found) for found in epochs], [later_members(found) for found in epochs]
        self._show_table()
        self._draw_soon()

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
        self._draw_soon()

    def on_comparison_table_chosen(self) -> None:
        self._draw_soon()

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

    def _draw_soon(self) -> None:
        """At once, or after the rest since the last time: the cursor is not held up."""
        if self._rest is None:
            self.call_after_refresh(self._draw)
            self._rest = self.set_timer(REST, self._end_rest)
        else:
            self._is_drawn = False

    def _end_rest(self) -> None:
        self._rest = None
        if not self._is_drawn:
            self._is_drawn = True
            self._draw_soon()

    @property
    def is_up_to_date(self) -> bool:
        """Whether all that was to be shown is drawn."""
        return self._rest is None

    def _draw(self) -> None:
        self._draw_charts(list(self._charts))

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


def _points(epochs: Sequence[EpochEnded]) -> dict[str, list[tuple[float, float | None]]]:
    """The validation part's figures, or those of training where there is none."""
    part = "train" if epochs and epochs[0].validation_loss is None else "validation"
    accuracies = [(epoch.epoch, getattr(epoch, f"{part}_accuracy")) for epoch in epochs]
    return {
        "accuracy": [(epoch, None if accuracy is None else 100 * accuracy) for epoch, accuracy in accuracies],
        "loss": [(epoch.epoch, getattr(epoch, f"{part}_loss")) for epoch in epochs],
        "learning_rate": [(epoch.epoch, epoch.learning_rate) for epoch in epochs],
    }
