"""A run as one HTML file that needs nothing else: what it is, how it went, how good it became, with charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from engine import statistics as figures
from engine.durations import duration
from engine.evaluation import Evaluation
from engine.events import EpochEnded
from engine.export import Source, library
from engine.hyperparameters.configuration import flatten, format_value
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.model import Model
from engine.percentages import NOT_MEASURED, percent
from engine.runs.history import History
from engine.runs.live_changes import described
from engine.training.ensemble import member_events, with_test_figures

TEMPLATE = "report.html.j2"
INK, PAPER, GRID, DIAGONAL = "#24292f", "#ffffff", "#e4e7eb", "#9aa4ae"
TRAIN, VALIDATION = "#d1702c", "#2a6fb0"
AS_TRAINED = "of training digits while the network learns from them, with dropout, distortions and label smoothing where there are such"


def to_html(source: Source) -> bytes:
    """The page's content. Raises ExportError without the package plotly."""
    graph_objects, io = library("plotly.graph_objects", "the HTML report"), library("plotly.io", "the HTML report")
    summary = source.summary
    model, found = _evaluate(source)
    charts = _Charts(graph_objects)
    shown = [*charts.curves(source.epochs), *(charts.evaluation(found, model.dataset.classes) if found else [])]
    sections = figures.sections(
        source.trained_with.began,
        model.network,
        dataset=model.dataset,
        changes=source.trained_with.changes,
        evaluation=found,
        members=member_events(model.hyperparameters, model.networks),
        epochs=source.epochs,
        epoch=model.epoch,
        device=summary.device if summary else None,
        plan=summary.plan if summary else None,
        phases=summary.phases if summary else None,
    )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    page = environment.get_template(TEMPLATE).render(
        title=source.name,
        summary=_summary(source, found),
        note=summary.note if summary else "",
        sections=sections,
        hyperparameters=list(_hyperparameters(source.trained_with)),
        data_is_here=found is not None,
        charts=[(title, _html(io, chart, is_first=index == 0)) for index, (title, chart) in enumerate(shown)],
    )
    return page.encode()


def _evaluate(source: Source) -> tuple[Model, Evaluation | None]:
    """With the figures that the model has over the digits that there are."""
    return (source.model, None) if source.dataset is None else with_test_figures(source.model, source.dataset.test)


def _hyperparameters(history: History) -> Iterable[tuple[str, str, str]]:
    """Key, value with its changes, and help."""
    for key, value in flatten(history.began).items():
        changes = [change for change in history.changes if change.key == key]
        yield key, described(value, changes, format_value), HYPERPARAMETERS[key].help


def _summary(source: Source, found: Evaluation | None) -> list[tuple[str, str]]:
    """The figures that the page begins with."""
    model, summary = source.model, source.summary
    accuracy = found.accuracy if found else model.test_accuracy
    rows = [
        ("Test accuracy", percent(accuracy)),
        ("Validation accuracy", percent(model.validation_accuracy)),
        ("Network", "-".join(map(str, model.network.sizes))),
        ("Parameters", f"{model.network.parameter_count:,}{' a member' if model.members else ''}"),
        ("Data set", model.dataset.name),
        ("Members", str(len(model.members)) if model.members else NOT_MEASURED),
        ("Epoch", model.moment.removeprefix("epoch ")),
    ]
    if summary:
        rows += [
            ("State", summary.state),
            ("Preset", summary.preset or NOT_MEASURED),
            ("Started", summary.when[:16].replace("T", " ")),
        ]
        rows.append(("Training time", duration(summary.seconds)))
    return [(label, value) for label, value in rows if value != NOT_MEASURED]


def _html(io: Any, chart: Any, is_first: bool) -> Markup:
    html = io.to_html(chart, full_html=False, include_plotlyjs=is_first, config={"displaylogo": False, "responsive": True})
    return Markup(html)


class _Charts:
    """Figures of plotly, each with its title."""

    def __init__(self, graph_objects: Any) -> None:
        self._graph_objects = graph_objects

    def curves(self, epochs: Sequence[EpochEnded]) -> Iterable[tuple[str, Any]]:
        if not epochs:
            return
        yield (
            f"Accuracy: the share of digits that are read rightly; {AS_TRAINED}",
            self._lines(epochs, {"training": "train_accuracy", "validation": "validation_accuracy"}, tickformat=".1%"),
        )
        yield (
            f"Loss: how wrong the network is, as the one number that training makes small; {AS_TRAINED}",
            self._lines(epochs, {"training": "train_loss", "validation": "validation_loss"}),
        )
        yield "Learning rate: how far a training step goes", self._lines(epochs, {"learning rate": "learning_rate"}, tickformat=".1e")

    def evaluation(self, found: Evaluation, classes: Sequence[str]) -> Iterable[tuple[str, Any]]:
        yield "Confusion matrix: a row for each target, a column for each prediction", self._confusion(found, classes)
        gap = percent(found.calibration_error)
        yield (
            f"Calibration: how often it is right, when it is this sure; the mean gap (expected calibration error) is {gap}",
            self._calibration(found),
        )

    def _lines(self, epochs: Sequence[EpochEnded], fields: dict[str, str], **axis: Any) -> Any:
        chart = self._chart()
        places = [event.epoch for event in epochs]
        for (name, field), colour in zip(fields.items(), (TRAIN, VALIDATION), strict=False):
            values = [getattr(event, field) for event in epochs]
            if any(value is not None for value in values):
                chart.add_scatter(x=places, y=values, name=name, mode="lines+markers", line={"color": colour}, marker={"size": 5})
        chart.update_layout(showlegend=True)
        chart.update_xaxes(title="epoch")
        chart.update_yaxes(**axis)
        return chart

    def _confusion(self, found: Evaluation, classes: Sequence[str]) -> Any:
        counts = [list(row) for row in found.confusion]
        wrong = [[None if target == taken else count for taken, count in enumerate(row)] for target, row in enumerate(counts)]
        chart = self._chart(height=max(420, 24 * len(classes) + 140))
        chart.add_heatmap(
            z=wrong,
            text=counts if len(classes) <= 30 else None,
            texttemplate="%{text}" if len(classes) <= 30 else None,
            customdata=counts,
            x=list(classes),
            y=list(classes),
            colorscale=[[0, PAPER], [1, TRAIN]],
            showscale=False,
            hovertemplate="%{y} taken for %{x}: %{customdata}<extra></extra>",
        )
        chart.update_xaxes(title="prediction", type="category", side="top", showgrid=False)
        chart.update_yaxes(title="target", type="category", autorange="reversed", showgrid=False)
        return chart

    def _calibration(self, found: Evaluation) -> Any:
        bins = [item for item in found.calibration if item.samples]
        chart = self._chart()
        chart.add_scatter(x=[0, 1], y=[0, 1], name="perfect", mode="lines", line={"color": DIAGONAL, "dash": "dash"})
        chart.add_scatter(
            x=[item.confidence for item in bins],
            y=[item.accuracy for item in bins],
            name="this model",
            mode="lines+markers",
            line={"color": VALIDATION},
            text=[f"{item.samples:,} samples" for item in bins],
        )
        chart.update_xaxes(title="probability of the prediction", tickformat=".0%")
        chart.update_yaxes(title="share that is right", tickformat=".0%")
        return chart

    def _chart(self, height: int = 360) -> Any:
        chart = self._graph_objects.Figure()
        chart.update_layout(
            height=height,
            margin={"l": 60, "r": 20, "t": 20, "b": 50},
            paper_bgcolor=PAPER,
            plot_bgcolor=PAPER,
            font={"color": INK, "family": "system-ui, sans-serif"},
            legend={"orientation": "h", "y": 1.1},
            hovermode="closest",
        )
        chart.update_xaxes(gridcolor=GRID, zeroline=False, linecolor=GRID)
        chart.update_yaxes(gridcolor=GRID, zeroline=False, linecolor=GRID)
        return chart
