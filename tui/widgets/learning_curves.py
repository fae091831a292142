"""How runs learned, epoch by epoch: the charts, and the points of their curves."""

from __future__ import annotations

from collections.abc import Sequence

from engine.events import EpochEnded
from tui import formats
from tui.widgets.chart import Chart, Point

FIELDS = ("accuracy", "loss", "learning_rate")
"""What there are charts of."""


def accuracy_chart(empty_note: str) -> Chart:
    return Chart("Accuracy", "%", empty_note, lambda value: f"{value:.2f}%", has_log_scale=False, id="accuracy")


def charts(empty_note: str) -> dict[str, Chart]:
    """By field."""
    return {
        "accuracy": accuracy_chart(empty_note),
        "loss": Chart("Loss", "", empty_note, formats.decimals, id="loss"),
        "learning_rate": Chart("Learning rate", "", empty_note, formats.scientific, id="learning-rate"),
    }


def points(epochs: Sequence[EpochEnded], field: str, part: str) -> list[Point]:
    """Of a chart; accuracies are in per cent."""
    if field == "learning_rate":
        return [(epoch.epoch, epoch.learning_rate) for epoch in epochs]
    values = ((epoch.epoch, getattr(epoch, f"{part}_{field}")) for epoch in epochs)
    factor = 100 if field == "accuracy" else 1
    return [(epoch, None if value is None else factor * value) for epoch, value in values]


def judged_part(epochs: Sequence[EpochEnded]) -> str:
    """The part of the data whose figures stand for a run: that which validates, or training where there is none."""
    return "train" if epochs and epochs[0].validation_loss is None else "validation"


def chart_title(field: str, runs: Sequence[Sequence[EpochEnded]]) -> str:
    """A chart's, with the part of the data that its curves are of, where all are of the same."""
    parts = {judged_part(epochs) for epochs in runs if epochs}
    part = "" if len(parts) > 1 else "training " if parts == {"train"} else "validation "
    return f"{part}{field}".capitalize()
