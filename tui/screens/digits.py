"""Test digits, and what the network takes them for: while it trains, too."""

from __future__ import annotations

import asyncio
import random

import numpy as np
import numpy.typing as npt
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from dataset import DatasetError
from engine import inference
from engine.checkpoint import Model, ModelFileError
from tui import messages
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.gallery import Digits, Predictions, load_digits, open_model, predict, predict_all
from tui.screens.mode import ModeScreen
from tui.screens.prompt import Prompt
from tui.widgets.contact_sheet import ContactSheet, Thumbnail
from tui.widgets.digit_view import DigitView, View
from tui.widgets.prediction_bars import PredictionBars, Ranked

STRIDE = 10


class DigitsScreen(ModeScreen):
    MODE = "digits"
    CSS_PATH = ["mode.tcss", "digits.tcss"]
    BINDINGS = bindings("digits")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self.index = 0
        self._digits: Digits | None = None
        self._dataset = ""
        """What ``_digits`` were loaded from."""
        self._model: Model | None = None
        self._predictions: Predictions | None = None
        """May be of the model before, until those of ``_model`` are there."""
        self._problem = ""
        self._is_stale = True
        """Whether there is a newer model than ``_model``."""
        self._is_closing = False
        self._is_due = False
        """Whether what is shown is about to be drawn."""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            with Vertical(id="digit-pane"):
                yield DigitView()
            with Vertical(id="facts"):
                yield Static(id="caption")
                yield PredictionBars()
                yield Static(id="model")
                yield ContactSheet()

    def on_unmount(self) -> None:
        self._is_closing = True

    # What there is to show

    def on_screen_resume(self) -> None:
        self._catch_up()

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        self._catch_up()

    def on_model_changed(self, message: messages.ModelChanged) -> None:
        self._is_stale = True
        self._catch_up()

    def _catch_up(self) -> None:
        """Loads what has changed; nothing while another mode is shown."""
        if self.is_current:
            self._load()

    @work(exclusive=False, group="load")
    async def _load(self) -> None:
        if self._dataset != self.client.dataset:
            await self._load_digits(self.client.dataset)
        while self._is_stale and self._digits is not None and not self._is_closing:
            self._is_stale = False
            await self._load_model(self._digits)
        self._show()

    async def _load_digits(self, name: str) -> None:
        self._dataset, self._digits, self._model, self._predictions, self._is_stale = name, None, None, None, True
        self._problem = "Loading the test digits."
        self._show()
        try:
            digits = await asyncio.to_thread(load_digits, name)
        except DatasetError as error:
            self._problem = f"{error.message}. {error.advice}"
            return
        self._digits, self._problem, self.index = digits, "", min(self.index, len(digits) - 1)
        self._show()

    async def _load_model(self, digits: Digits) -> None:
        run = self.client.run
        if run is None or run.model is None:
            return
        try:
            self._model = await asyncio.to_thread(open_model, run.model, digits)
        except ModelFileError as error:
            self._problem = f"{error.message}. {error.advice}"
            return
        self._problem = ""
        self._show()
        self._predictions = await asyncio.to_thread(predict_all, self._model, digits, lambda: not self._is_closing)

    # Showing it

    def _show(self) -> None:
        self._is_due = False
        digits = self._digits
        self.query_one(DigitView).image = None if digits is None else digits.image(self.index)
        probabilities = self._probabilities()
        bars = self.query_one(PredictionBars)
        if digits is None or probabilities is None:
            bars.ranked = ()
        else:
            label = digits.label(self.index)
            order = inference.rank(probabilities)
            bars.ranked = tuple(Ranked(digits.classes[place], float(probabilities[place]), place == label) for place in order)
        self._show_wrong()
        self.query_one("#caption", Static).update(self._caption(probabilities), layout=False)
        self.query_one("#model", Static).update(self._model_note(), layout=False)
        pane = self.query_one("#digit-pane")
        pane.border_title = f"{self.index + 1:,} of {len(digits):,}" if digits else "Digit"
        pane.border_subtitle = self.query_one(DigitView).drawn_as.value

    def _show_wrong(self) -> None:
        """The wrong digits after the one shown, where there is room."""
        sheet, digits, predictions = self.query_one(ContactSheet), self._digits, self._predictions
        if digits is None or predictions is None:
            sheet.thumbnails = ()
            return
        room = sheet.room(digits.dataset.height, digits.dataset.width)
        sheet.thumbnails = tuple(self._thumbnail(digits, predictions, index) for index in predictions.wrong_after(self.index, room))

    def _thumbnail(self, digits: Digits, predictions: Predictions, index: int) -> Thumbnail:
        target, taken = digits.classes[digits.label(index)], digits.classes[int(inference.rank(predictions.of(index))[0])]
        return Thumbnail(digits.image(index), f"{index + 1:,}: {target} taken for {taken}")

    def _probabilities(self) -> npt.NDArray[np.float32] | None:
        """Of the digit shown, by the newest model."""
        if self._digits is None or self._model is None:
            return None
        if self._predictions is not None and self._predictions.model is self._model:
            return self._predictions.of(self.index)
        images = self._digits.dataset.test.images
        return predict(self._model, images[self.index : self.index + 1]).reshape(-1)

    def _caption(self, probabilities: npt.NDArray[np.float32] | None) -> Content:
        digits = self._digits
        if digits is None:
            return Content(self._problem)
        label = digits.label(self.index)
        lines = [Content.assemble(("Target     ", "$foreground-muted"), (digits.classes[label], "bold"))]
        if probabilities is not None:
            taken = int(inference.rank(probabilities)[0])
            sign, colour = ("✓ right", "$text-success") if taken == label else ("✗ wrong", "$text-error")
            name = digits.classes[taken]
            lines.append(Content.assemble(("Prediction ", "$foreground-muted"), (name, f"bold {colour}"), (f"  {sign}", colour)))
        return Content("\n").join(lines)

    def _model_note(self) -> Content:
        if self._digits is None:
            return Content("")
        if self._problem:
            return Content.styled(self._problem, "$text-error")
        if self._model is None:
            return Content("There is no model yet. Press 1, then r, to train one; its predictions appear here after the first epoch.")
        note = f"Model of epoch {self._model.epoch}"
        if self._predictions is not None:
            wrong, total = len(self._predictions.wrong), len(self._digits)
            note += f": {wrong:,} of {total:,} wrong ({wrong / total:.2%})"
            note += "\n\nThe next wrong ones:" if self.query_one(ContactSheet).thumbnails else ""
        return Content.styled(note, "$foreground-muted")

    # Going from digit to digit

    def _go(self, index: int) -> None:
        if self._digits is not None:
            self.index = index % len(self._digits)
            self._show_soon()

    def _show_soon(self) -> None:
        """Once for all the keys that have come in, so that holding one down never lags."""
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(self._show)

    def action_next(self) -> None:
        self._go(self.index + 1)

    def action_previous(self) -> None:
        self._go(self.index - 1)

    def action_forward(self) -> None:
        self._go(self.index + STRIDE)

    def action_back(self) -> None:
        self._go(self.index - STRIDE)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(-1)

    def action_random(self) -> None:
        if self._digits is not None:
            self._go(random.randrange(len(self._digits)))

    def action_next_wrong(self) -> None:
        self._go_wrong(1)

    def action_previous_wrong(self) -> None:
        self._go_wrong(-1)

    def _go_wrong(self, by: int) -> None:
        if self._predictions is None:
            self.notify("Which digits are wrong is known after the first epoch.", severity="warning")
            return
        index = self._predictions.neighbour(self.index, by)
        if index is None:
            self.notify("None is wrong.")
        else:
            self._go(index)

    @work
    async def action_jump(self) -> None:
        if self._digits is None:
            return
        count = len(self._digits)

        def check(text: str) -> str:
            return "" if text.isdecimal() and 1 <= int(text) <= count else f"A number from 1 to {count:,}."

        text = await self.app.push_screen_wait(Prompt(f"Go to digit (1 to {count:,})", check=check))
        if text is not None:
            self._go(int(text) - 1)

    def action_change_view(self) -> None:
        view = self.query_one(DigitView)
        view.view = View.BLOCKS if view.drawn_as is View.CHARACTERS else View.CHARACTERS
        self.set_class(view.view is View.CHARACTERS, "-characters")
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)
