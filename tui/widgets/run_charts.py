"""Accuracy and loss, epoch by epoch, with the run before dimmed behind."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.theme import Theme

from tui.run_view import RunView
from tui.widgets.chart import Chart, Point, Series

EMPTY = "from the first epoch on"


class RunCharts(Horizontal):
    def __init__(self) -> None:
        super().__init__()
        self._charts = {"accuracy": Chart("Accuracy", "%", EMPTY), "loss": Chart("Loss", "", EMPTY)}

    def compose(self) -> ComposeResult:
        yield from self._charts.values()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._repaint)

    def _repaint(self, theme: Theme) -> None:
        for chart in self._charts.values():
            chart.refresh()

    def show(self, run: RunView, earlier: RunView | None) -> None:
        for name, factor in (("accuracy", 100.0), ("loss", 1.0)):
            series = [
                Series("train", _points(run, f"train_{name}", factor), "train", "braille", "━"),
                Series("validation", _points(run, f"validation_{name}", factor), "validation", "dot", "•", joined=False),
            ]
            if earlier is not None:
                part = "validation" if earlier.epochs[0].validation_loss is not None else "train"
                series.insert(0, Series("earlier", _points(earlier, f"{part}_{name}", factor), "earlier", "braille", "┄"))
            self._charts[name].show(series)


def _points(run: RunView, field: str, factor: float) -> list[Point]:
    values = ((epoch.epoch, getattr(epoch, field)) for epoch in run.epochs)
    return [(epoch, None if value is None else value * factor) for epoch, value in values]
