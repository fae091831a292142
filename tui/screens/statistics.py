"""The network, its training and its errors in figures."""

from __future__ import annotations

from pydantic import TypeAdapter
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Static

from engine.checkpoint import DatasetFacts
from engine.configuration import from_plain
from engine.evaluation import Evaluation
from engine.statistics import Section, sections
from tui import messages
from tui.bindings import bindings
from tui.run_view import RunView
from tui.screens.mode import ModeScreen
from tui.widgets.class_table import ClassTable
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.sections import Sections

COLUMNS = {
    "results": ("Evaluation", "Progress"),
    "network": ("Composition", "Parameters", "Regularisation", "Dropout", "Device and plan"),
    "training": ("Optimiser", "Learning rate", "Training", "Early stopping"),
}
"""Which sections stand where; the classes have a table of their own."""
EVALUATION: TypeAdapter[Evaluation] = TypeAdapter(Evaluation)


class StatisticsScreen(ModeScreen):
    MODE = "statistics"
    CSS_PATH = ["mode.tcss", "statistics.tcss"]
    BINDINGS = bindings("statistics")

    def compose_body(self) -> ComposeResult:
        yield Static("There are no figures yet. Press 1, then r, to train a network.", id="nothing")
        with VerticalScroll(can_focus=False), Container(id="columns"):
            with Vertical(id="results"):
                yield Sections(id="results-sections")
                with Vertical(id="confusion"):
                    yield Static("Confusion: targets down, predictions across", classes="title")
                    yield ConfusionMatrix()
                    yield Static("Classes", classes="title")
                    yield ClassTable()
            with Container(id="description"):
                yield Sections(id="network-sections")
                yield Sections(id="training-sections")

    def on_screen_resume(self) -> None:
        self._show()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        self._show()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self._show()

    def _show(self) -> None:
        """Draws the figures of the run in hand, unless another mode is shown."""
        run = self.client.run
        facts = _dataset_facts(run, self.client.ready.dataset if self.client.ready else None) if run else None
        self.set_class(facts is None, "-nothing")
        if not self.is_current or run is None or facts is None:
            return
        evaluation = EVALUATION.validate_python(run.evaluation) if run.evaluation else None
        found = {section.title: section for section in _sections(run, facts, evaluation)}
        for column, titles in COLUMNS.items():
            self.query_one(f"#{column}-sections", Sections).show([found[title] for title in titles if title in found])
        self.query_one("#confusion").display = evaluation is not None
        if evaluation is not None:
            self.query_one(ConfusionMatrix).show(evaluation.confusion, facts.classes)
            self.query_one(ClassTable).show(evaluation.classes, facts.classes)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_scroll_line_up(self) -> None:
        self._scroll.scroll_up(animate=False)

    def action_scroll_line_down(self) -> None:
        self._scroll.scroll_down(animate=False)

    def action_scroll_page_up(self) -> None:
        self._scroll.scroll_page_up(animate=False)

    def action_scroll_page_down(self) -> None:
        self._scroll.scroll_page_down(animate=False)

    def action_scroll_top(self) -> None:
        self._scroll.scroll_home(animate=False)

    def action_scroll_bottom(self) -> None:
        self._scroll.scroll_end(animate=False)


def _dataset_facts(run: RunView, ready: dict[str, object] | None) -> DatasetFacts | None:
    """Of the run, or of what the worker has loaded until the run says."""
    source = run.started.dataset if run.started else ready
    return DatasetFacts.model_validate({name: source[name] for name in DatasetFacts.model_fields if name in source}) if source else None


def _sections(run: RunView, facts: DatasetFacts, evaluation: Evaluation | None) -> list[Section]:
    hyperparameters = from_plain(run.hyperparameters)
    return sections(
        hyperparameters,
        facts.network(hyperparameters),
        dataset=facts,
        evaluation=evaluation,
        metrics=run.epochs,
        epoch=run.best_epoch or None,
        device=run.started.device if run.started else None,
        plan=run.started.plan if run.started else None,
    )
