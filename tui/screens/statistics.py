"""The network, its training and its errors in figures and pictures, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from engine.evaluation import Evaluation
from engine.model import DatasetFacts, Model
from tui import formats, messages
from tui.bindings import ACTIONS, bindings
from tui.client import WorkerClient
from tui.digits.analysis import Analysis, analyse
from tui.digits.gallery import Digits
from tui.digits.selection import Filter, Kind
from tui.jump_target import JumpTarget
from tui.runs import statistics as summary
from tui.runs.view import RunView
from tui.screens.model_screen import ModelScreen
from tui.widgets.class_table import ClassTable
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.contact_sheet import ContactSheet, Thumbnail
from tui.widgets.histogram_grid import HistogramGrid
from tui.widgets.page_tabs import PageTabs
from tui.widgets.reliability import Reliability
from tui.widgets.resized import Resized
from tui.widgets.sections import Sections
from tui.widgets.weight_images import WeightImages

TWO_COLUMNS = 76
THREE_COLUMNS = 110
"""Columns of the terminal from which on there is room for two, and for three."""
FOUR_COLUMNS = 160
"""The same for the classes beside them."""
TABS = tuple(action for action in ACTIONS if action.where == "statistics" and action.method.startswith("see_"))
PAGES = tuple(action.method.removeprefix("see_") for action in TABS)
BESIDE_MATRIX = 4
"""Columns between the confusion matrix and the table of classes."""
NO_INDICES = np.empty(0, np.intp)
EVALUATION: TypeAdapter[Evaluation] = TypeAdapter(Evaluation)


class StatisticsScreen(ModelScreen):
    MODE = "statistics"
    CSS_PATH = ["mode.tcss", "statistics.tcss"]
    BINDINGS = bindings("statistics")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self._analysis: Analysis | None = None
        """Of the newest model that has been looked at."""

    def compose_body(self) -> ComposeResult:
        yield Static(id="nothing", markup=False)
        yield PageTabs(TABS)
        with ContentSwitcher(initial="summary"):
            with VerticalScroll(id="summary", can_focus=False):
                with Horizontal(id="columns"):
                    for number in range(1, 4):
                        yield Sections(id=f"column-{number}")
                    with Vertical(id="class-column"):
                        yield Static("Classes", classes="title")
                        yield ClassTable()
                yield Static("Wrong, and surest", classes="title sheet-title")
                yield ContactSheet(id="worst")
            with VerticalScroll(id="confusion", can_focus=False):
                with Container(id="tables"):
                    with Vertical(id="matrix"):
                        yield Static(id="matrix-title", classes="title")
                        yield ConfusionMatrix()
                        yield Static(id="cell")
                    with Vertical(id="classes"):
                        yield Static("Classes", classes="title")
                        yield ClassTable()
                yield ContactSheet(id="confused")
            with VerticalScroll(id="calibration", can_focus=False):
                yield Static(id="calibration-note")
                yield Reliability()
                yield Static(id="key")
                yield Static("Wrong, and surest", classes="title sheet-title")
                yield ContactSheet(id="surest")
            with VerticalScroll(id="histograms", can_focus=False):
                yield Static(id="histograms-note")
                yield HistogramGrid()
            with Vertical(id="weights"):
                yield Static(id="weights-note")
                yield WeightImages()

    # What there is to show

    def on_run_changed(self, message: messages.RunChanged) -> None:
        self.catch_up()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self.catch_up()

    def take_digits(self, digits: Digits | None) -> None:
        super().take_digits(digits)
        self._analysis = None

    async def study(self, model: Model, digits: Digits) -> None:
        analysis = await asyncio.to_thread(analyse, model, digits, lambda: not self.is_closing)
        if analysis is not None:
            self._analysis = analysis

    @property
    def page(self) -> str:
        return self.query_one(ContentSwitcher).current or PAGES[0]

    @property
    def shown_page(self) -> str:
        return f"{self.MODE}.{self.page}"

    def show(self) -> None:
        """Draws the page that is open, of the run in hand."""
        run = self.client.run
        facts = summary.dataset_facts(run, self.client.ready.dataset if self.client.ready else None) if run else None
        self.set_class(facts is None, "-nothing")
        self.query_one(PageTabs).shown = f"see_{self.page}"
        if run is None or facts is None:
            self.query_one("#nothing", Static).update(f"There are no figures yet. {self.first_steps}")
            return
        evaluation = self._evaluation(run)
        match self.page:
            case "summary":
                self._show_summary(run, facts, evaluation)
            case "confusion":
                self._show_confusion(facts, evaluation)
            case "calibration":
                self._show_calibration(evaluation)
            case "histograms":
                self._show_histograms()
            case _:
                self._show_weights()
        self.call_after_refresh(self._show_rest)

    @on(Resized)
    def _show_rest(self) -> None:
        """What depends on how much room there is."""
        match self.page:
            case "summary":
                self._show_mistakes("#worst")
            case "confusion":
                self._show_rest_of_confusion()
            case "calibration":
                self._show_mistakes("#surest")
            case "weights":
                self._show_weights_note()

    def _evaluation(self, run: RunView) -> Evaluation | None:
        """The run's own once it is over, else that of the newest model."""
        if run.evaluation:
            return EVALUATION.validate_python(run.evaluation)
        return self._analysis.evaluation if self._analysis is not None and self._is_of_run else None

    def _evaluated(self, run: RunView) -> str:
        """Which model that is, in words, while the run goes on: not the one that is kept so far."""
        return "" if run.is_over or self._analysis is None else self._analysis.model.stage

    @property
    def _is_of_run(self) -> bool:
        """Whether the analysis is of the run in hand."""
        run = self.client.run
        return self._analysis is not None and run is not None and str(run.directory) == self.run_directory

    @property
    def _waiting(self) -> str:
        """Why there is nothing on a page."""
        run = self.client.run
        if self.problem:
            return self.problem
        return "Looking at the network." if run is not None and run.model else "This is known after the first epoch."

    def _show_summary(self, run: RunView, facts: DatasetFacts, evaluation: Evaluation | None) -> None:
        count = 1 + sum(self.size.width >= least for least in (TWO_COLUMNS, THREE_COLUMNS))
        columns = summary.columns(run, facts, evaluation, count, self._evaluated(run))
        widgets = list(self.query(Sections))
        for widget, sections in zip_longest(widgets, columns):
            widget.display = sections is not None
            widget.show(sections or [])
        widgets[0].styles.max_width = "100%" if count == 1 else None
        is_broad = self.size.width >= FOUR_COLUMNS
        # The second column is broken into as many lines as it takes for the classes to have room.
        widgets[1].styles.max_width = widgets[1].get_content_width(self.size, self.size) if is_broad else None
        self.query_one("#class-column").display = evaluation is not None and is_broad
        if evaluation is not None:
            self.query_one("#class-column ClassTable", ClassTable).show(evaluation.classes, facts.classes)

    def _show_confusion(self, facts: DatasetFacts, evaluation: Evaluation | None) -> None:
        self.query_one("#classes").display = evaluation is not None
        cell = self.query_one("#cell", Static)
        if evaluation is None:
            cell.update(self._waiting)
            return
        matrix = self.query_one(ConfusionMatrix)
        matrix.show(evaluation.confusion, facts.classes)
        self.query_one("#matrix").styles.max_width = matrix.full_width + BESIDE_MATRIX
        self.query_one("#classes ClassTable", ClassTable).show(evaluation.classes, facts.classes)
        cell.update(self._cell_note(facts, evaluation))

    def _cell_note(self, facts: DatasetFacts, evaluation: Evaluation) -> Content:
        matrix = self.query_one(ConfusionMatrix)
        target, taken = matrix.cursor
        support = evaluation.classes[target].support
        share = formats.percent(matrix.count / support if support else None)
        what = f"{facts.classes[target]} taken for {facts.classes[taken]}"
        return Content.assemble((what, "bold"), (f": {matrix.count:,} of {support:,} ({share})", "$foreground-muted"))

    def _show_rest_of_confusion(self) -> None:
        """What depends on how much room there is: which part of the matrix is shown, and digits of the cell at the cursor."""
        matrix, analysis = self.query_one(ConfusionMatrix), self._analysis
        part = f": {matrix.part}" if matrix.part else ""
        self.query_one("#matrix-title", Static).update(f"Targets down, predictions across{part}")
        found = NO_INDICES
        if analysis is not None and self._is_of_run:
            target, taken = matrix.cursor
            found = np.flatnonzero((analysis.digits.dataset.test.labels == target) & (analysis.predictions.taken == taken))
        self._fill("#confused", found, lambda analysis, index: f"{index + 1:,}")

    def _show_mistakes(self, sheet_id: str) -> None:
        """The digits that are taken for others most surely."""
        hardest = self._analysis.evaluation.hardest if self._analysis is not None and self._is_of_run else ()
        self._fill(sheet_id, hardest, Analysis.mistake)
        self.set_class(bool(hardest), "-mistaken")

    def _fill(self, sheet_id: str, indices: Sequence[int] | npt.NDArray[np.intp], caption: Callable[[Analysis, int], str]) -> None:
        """A sheet, where it is shown, with as many of the digits as there is room for."""
        sheet, analysis = self.query_one(sheet_id, ContactSheet), self._analysis
        if analysis is None or not sheet.display:
            sheet.thumbnails = ()
            return
        digits = analysis.digits
        shown = [int(index) for index in indices[: sheet.room(digits.dataset.height, digits.dataset.width)]]
        sheet.thumbnails = tuple(Thumbnail(digits.image(index), caption(analysis, index)) for index in shown)

    def _show_calibration(self, evaluation: Evaluation | None) -> None:
        note, key = self._waiting, ""
        if evaluation is not None:
            error = formats.percent(evaluation.calibration_error)
            run = self.client.run
            moment = self._evaluated(run) if run is not None else ""
            note = f"How often is it right, when it is this sure? Calibration error{f' of {moment}' * bool(moment)}: {error}"
            key = "█ right   ┃ how sure it is: a bar short of its mark is too sure"
            self.query_one(Reliability).bins = evaluation.calibration
        self.query_one("#calibration-note", Static).update(note)
        self.query_one("#key", Static).update(key)

    def _show_histograms(self) -> None:
        note, analysis = self._waiting, self._analysis
        if analysis is not None and self._is_of_run:
            self.query_one(HistogramGrid).histograms = analysis.layers
            note = (
                f"{analysis.model.newest.capitalize()}. Activations and gradients of the loss: over {analysis.sampled} training digits, "
                "without dropout. Bars: square roots of the counts."
                if analysis.layers
                else "The training digits, over which activations and gradients are taken, cannot be read."
            )
        self.query_one("#histograms-note", Static).update(note)

    def _show_weights(self) -> None:
        images = self.query_one(WeightImages)
        if self._analysis is not None and self._is_of_run:
            images.draw(self._analysis.first_weights(), self._analysis.first_names())

    def _show_weights_note(self) -> None:
        if self._analysis is None or not self._is_of_run:
            self.query_one("#weights-note", Static).update(self._waiting)
            return
        low, high = self.query_one(WeightImages).marks
        colours = Content.assemble((f"{low} below zero", "$train"), "  ", (f"{high} above", "$validation"))
        model = self._analysis.model
        network = f" of member {len(model.members)}" if model.members else ""
        text = f"First layer{network}, neurons {self.query_one(WeightImages).shown}: "
        self.query_one("#weights-note", Static).update(Content.assemble((text, "bold"), colours))

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    # From page to page

    def _turn_to(self, page: str) -> None:
        self.query_one(ContentSwitcher).current = page
        self.show()

    def jump_targets(self) -> list[JumpTarget]:
        return [*super().jump_targets(), *self.query_one(PageTabs).targets()]

    @on(PageTabs.Chosen)
    def _choose_page(self, message: PageTabs.Chosen) -> None:
        self._turn_to(message.action.method.removeprefix("see_"))

    def action_see_summary(self) -> None:
        self._turn_to("summary")

    def action_see_confusion(self) -> None:
        self._turn_to("confusion")

    def action_see_calibration(self) -> None:
        self._turn_to("calibration")

    def action_see_histograms(self) -> None:
        self._turn_to("histograms")

    def action_see_weights(self) -> None:
        self._turn_to("weights")

    def action_next_page(self) -> None:
        self._turn_to(PAGES[(PAGES.index(self.page) + 1) % len(PAGES)])

    def action_previous_page(self) -> None:
        self._turn_to(PAGES[PAGES.index(self.page) - 1])

    # On a page

    def _move(self, down: int, right: int) -> None:
        if self.page == "confusion":
            self.query_one(ConfusionMatrix).move(down, right)
            self.show()
        elif self.page == "weights":
            self.query_one(WeightImages).turn(down or right)
            self._show_weights_note()
        elif down:
            self._scroll.scroll_relative(y=down, animate=False)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one(f"#{self.page}", VerticalScroll)

    def action_up(self) -> None:
        self._move(-1, 0)

    def action_down(self) -> None:
        self._move(1, 0)

    def action_left(self) -> None:
        self._move(0, -1)

    def action_right(self) -> None:
        self._move(0, 1)

    def action_page_up(self) -> None:
        self._turn_or_scroll(-1)

    def action_page_down(self) -> None:
        self._turn_or_scroll(1)

    def _turn_or_scroll(self, by: int) -> None:
        if self.page == "weights":
            self._move(by, 0)
        else:
            self._scroll.scroll_relative(y=by * self._scroll.size.height, animate=False)

    def action_top(self) -> None:
        self._go_to_end(False)

    def action_bottom(self) -> None:
        self._go_to_end(True)

    def _go_to_end(self, bottom: bool) -> None:
        if self.page == "weights":
            self.query_one(WeightImages).turn_to(bottom)
            self._show_weights_note()
        elif bottom:
            self._scroll.scroll_end(animate=False)
        else:
            self._scroll.scroll_home(animate=False)

    @on(ConfusionMatrix.Moved)
    def _show_cell(self) -> None:
        self.show()

    @work
    async def action_open_digits(self) -> None:
        """Takes the confusion at the cursor to the digits' screen; from another page, goes to the confusions first."""
        from tui.screens.digits import DigitsScreen

        matrix = self.query_one(ConfusionMatrix)
        if self.page != "confusion":
            self._turn_to("confusion")
            return
        if not matrix.count:
            self.notify("Go to a cell that counts something.", severity="warning")
            return
        target, taken = matrix.cursor
        await self.app.switch_mode("digits")
        if isinstance(self.app.screen, DigitsScreen):
            self.app.screen.choose(Filter(Kind.CONFUSION, target, taken))
