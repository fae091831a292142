"""Test digits, and what the network takes them for: while it trains, too."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from engine.insight.saliency import Examination
from engine.model import Model
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.digits.facts import Shown, model_note
from tui.digits.gallery import Digits, Look, Predictions, deskewed, examine_digit, open_snapshot, predict_all
from tui.digits.selection import Filter, Indices, Kind, Order, choices, neighbour, select
from tui.item import Item
from tui.screens.model_screen import ModelScreen
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.widgets.activation_rows import ActivationRows
from tui.widgets.contact_sheet import ContactSheet, Thumbnail
from tui.widgets.digit_caption import DigitCaption
from tui.widgets.digit_view import DigitView, View
from tui.widgets.prediction_bars import PredictionBars

STRIDE = 10
WIDE = 100
"""Columns of the terminal from which on a digit has two columns a pixel."""
NO_INDICES: Indices = np.empty(0, np.intp)


class DigitsScreen(ModelScreen):
    MODE = "digits"
    CSS_PATH = ["mode.tcss", "digits.tcss"]
    BINDINGS = bindings("digits")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self.index = 0
        self.filter, self.order = Filter(), Order.NUMBER
        self._selection = NO_INDICES
        """The digits to go through, in order."""
        self._place = 0
        """Where in it the digit is that is shown, or was before it fell out."""
        self._predictions: Predictions | None = None
        """May be of the model before, until those of ``model`` are there."""
        self._others: Predictions | None = None
        """Of another epoch of the same run, to compare: the one before, or at the end, where an earlier epoch is kept, the last."""
        self._examined: tuple[Model, int] | None = None
        self._examination: Examination | None = None
        """Of the model and the digit of ``_examined``."""
        self._shows_saliency: bool | None = None
        """None: where there is room for the digit beside it."""
        self._shows_activations = self._shows_outputs = False
        self._is_choosing = False
        """Whether to go to a digit of the filter as soon as the newest model has one."""
        self._is_examining = False
        self._is_due = False
        """Whether what is shown is about to be drawn."""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            with Vertical(id="digit-pane"):
                yield DigitView(id="digit")
                yield DigitView(id="why")
            with Vertical(id="facts"):
                yield DigitCaption()
                yield PredictionBars()
                yield Static(id="model")
                yield ActivationRows()
                yield ContactSheet()

    # What there is to show

    def take_digits(self, digits: Digits | None) -> None:
        if self.digits is not None:
            self.filter, self.order = Filter(), Order.NUMBER
        super().take_digits(digits)
        self._predictions = self._others = self._examined = self._examination = None
        self._selection, self._place = NO_INDICES, 0
        if digits is not None:
            self.index = min(self.index, len(digits) - 1)
            self._select()

    def take(self, model: Model, run_directory: str) -> None:
        """Keeps what the model before it predicted, to compare."""
        before = self._predictions
        if run_directory != self.run_directory:
            self._others = None
        elif before is not None and before.model.epoch != model.epoch:
            self._others = before
        elif self._others is not None and self._others.model.epoch == model.epoch:
            self._others = None
        super().take(model, run_directory)

    async def study(self, model: Model, digits: Digits) -> None:
        predictions = await asyncio.to_thread(predict_all, model, digits, lambda: not self.is_closing)
        if predictions is None:
            return
        self._predictions = predictions
        self._select()
        if self._others is None:
            self.show()
            await self._study_other(model, digits)

    async def _study_other(self, model: Model, digits: Digits) -> None:
        """Where no other epoch has been seen, that of the run's last snapshot is compared."""
        other = await asyncio.to_thread(open_snapshot, Path(self.run_directory), digits)
        if other is not None and other.epoch != model.epoch:
            self._others = await asyncio.to_thread(predict_all, other, digits, lambda: not self.is_closing)

    # Showing it

    def show(self) -> None:
        self._is_due = False
        digits = self.digits
        shown = None if digits is None else self._shown(digits)
        examination = self._examination if self._is_examined else None
        self._show_digit(None if digits is None else digits.image(self.index), None if examination is None else examination.saliency)
        self.query_one(PredictionBars).ranked = shown.ranking(self._shows_outputs) if shown else ()
        if examination is not None:
            self.query_one(ActivationRows).activations = examination.activations
        self._show_thumbnails()
        self._show_caption(shown)
        self.query_one("#model", Static).update(self._model_note(), layout=False)
        self._show_titles(examination)
        self._examine_if_wanted()

    def _show_caption(self, shown: Shown | None) -> None:
        problem, chosen, order = self.problem, self.filter, self.order
        self.query_one(DigitCaption).show(lambda width: shown.caption(chosen, order, width) if shown else Content(problem))

    def _show_digit(self, image: npt.NDArray[np.uint8] | None, saliency: npt.NDArray[np.float32] | None) -> None:
        """What moved the decision stands below the digit where there is room, else over it."""
        view, why = self.query_one("#digit", DigitView), self.query_one("#why", DigitView)
        shaped = None if image is None or saliency is None else saliency.reshape(image.shape)
        why.display = self._has_room_for_both and self._is_saliency_wanted
        view.deskewed = None if image is None or self.model is None else deskewed(self.model, image)
        view.image, view.saliency = image, shaped if self._is_saliency_wanted and not why.display else None
        if why.display:
            why.image, why.saliency = image, np.zeros(image.shape, np.float32) if shaped is None and image is not None else shaped

    @property
    def _has_room_for_both(self) -> bool:
        return (
            self.model is not None
            and self.query_one("#digit-pane").size.height >= 2 * self.model.dataset.height
            and self.size.width >= WIDE
        )

    @property
    def _is_saliency_wanted(self) -> bool:
        return self._has_room_for_both if self._shows_saliency is None else self._shows_saliency

    def _shown(self, digits: Digits) -> Shown:
        others = self._others
        if others is None or not (self._are_predictions_new or self._is_examined):
            return Shown(digits, self.index, self._look)
        return Shown(digits, self.index, self._look, others.of(self.index), others.model.moment)

    def _show_titles(self, examination: Examination | None) -> None:
        pane, digits = self.query_one("#digit-pane"), self.digits
        pane.border_title, pane.border_subtitle = "Digit", self.query_one("#digit", DigitView).form
        if digits is None:
            return
        if self.filter == Filter() and self.order is Order.NUMBER:
            pane.border_title = f"{self.index + 1:,} of {len(digits):,}"
        else:
            place = f"{self._place + 1:,}" if self._is_selected else "none"
            pane.border_title = f"{place} of {len(self._selection):,} · digit {self.index + 1:,}"
        if examination is not None and self._is_saliency_wanted:
            supported, opposed = digits.classes[examination.predicted], digits.classes[examination.runner_up]
            pane.border_subtitle = f"+ for {supported}  - for {opposed}"

    def _show_thumbnails(self) -> None:
        """The digits to come, where there is room: the wrong ones among all, or those of the filter."""
        sheet, digits, predictions = self.query_one(ContactSheet), self.digits, self._predictions
        if digits is None or predictions is None or not sheet.display:
            sheet.thumbnails = ()
            return
        coming = self._selection
        if self.filter.kind is Kind.ALL:
            places = np.flatnonzero(predictions.is_wrong[self._selection])
            coming, begin = coming[places], int(np.searchsorted(places, self._place, side="right"))
        else:
            begin = self._place + 1
        count = min(sheet.room(digits.dataset.height, digits.dataset.width), len(coming))
        indices = [int(coming[place % len(coming)]) for place in range(begin, begin + count)]
        sheet.thumbnails = tuple(self._thumbnail(digits, predictions, index) for index in indices)

    def _thumbnail(self, digits: Digits, predictions: Predictions, index: int) -> Thumbnail:
        caption = f"{index + 1:,}: {digits.classes[digits.label(index)]}"
        if predictions.is_wrong[index]:
            caption += f" taken for {digits.classes[predictions.taken[index]]}"
        return Thumbnail(digits.image(index), caption)

    @property
    def _is_selected(self) -> bool:
        """Whether the digit shown is one of those gone through."""
        return self._place < len(self._selection) and int(self._selection[self._place]) == self.index

    @property
    def _is_examined(self) -> bool:
        return self.model is not None and self._examined == (self.model, self.index)

    @property
    def _are_predictions_new(self) -> bool:
        return self._predictions is not None and self._predictions.model is self.model

    @property
    def _look(self) -> Look | None:
        """At the digit shown: of the newest model, or of the one before it until that has looked."""
        if self._examination is not None and self._is_examined and not self._are_predictions_new:
            found = self._examination
            return Look(found.outputs, found.probabilities, found.agreeing, len(self.model.networks) if self.model else 1)
        return None if self._predictions is None or self.model is None else self._predictions.of(self.index)

    def _model_note(self) -> Content:
        if self.digits is None:
            return Content("")
        if self.problem:
            return Content.styled(self.problem, "$text-error")
        if self.model is None:
            return Content(f"There is no model yet. {self.first_steps}")
        predictions = self._predictions if self._are_predictions_new else None
        run = self.client.run
        is_kept = run is not None and run.is_over and run.best_epoch in (0, self.model.epoch)
        return model_note(self.model.stage, self.model.epoch, is_kept, predictions, self._others, len(self.digits))

    # What takes a closer look

    def _examine_if_wanted(self) -> None:
        if self.model is None or self._is_examining or self._is_examined:
            return
        if self._is_saliency_wanted or self._shows_activations or not self._are_predictions_new:
            self._examine()

    @work(group="examine")
    async def _examine(self) -> None:
        """One at a time; of the digits gone by meanwhile, only the last."""
        self._is_examining = True
        try:
            while self.model is not None and self.digits is not None and not self._is_examined and not self.is_closing:
                wanted = (self.model, self.index)
                self._examination = await asyncio.to_thread(examine_digit, self.model, self.digits, self.index)
                self._examined = wanted
        finally:
            self._is_examining = False
        self._show_soon()

    def action_saliency(self) -> None:
        self._shows_saliency = not self._is_saliency_wanted
        self.show()

    def action_activations(self) -> None:
        self._shows_activations = not self._shows_activations
        self.set_class(self._shows_activations, "-activations")
        self.show()

    @work
    async def action_distortions(self) -> None:
        from tui.screens.train import train_screen

        train = train_screen(self.app)
        if self.digits is not None and train is not None:
            await train.show_distortions(self.digits, self.index)

    def action_outputs(self) -> None:
        self._shows_outputs = not self._shows_outputs
        self.show()

    def action_change_view(self) -> None:
        view = self.query_one("#digit", DigitView)
        view.view = view.following
        self.set_class(view.view is View.CHARACTERS, "-characters")
        self.show()

    # Which digits to go through

    def _select(self) -> None:
        """Finds the digits of the filter anew, and the digit shown among them."""
        if self.digits is None:
            return
        found = select(self.digits, self._predictions, self.filter, self.order)
        self._selection = NO_INDICES if found is None else found
        places = np.flatnonzero(self._selection == self.index)
        self._place = int(places[0]) if len(places) else max(0, min(self._place, len(self._selection) - 1))
        if self._is_choosing and len(self._selection):
            self._is_choosing = self.is_stale or not self._are_predictions_new
            self.index = int(self._selection[self._place])

    def choose(self, chosen: Filter) -> None:
        """Goes through the digits of a filter from now on, as soon as there are predictions to choose by."""
        self.filter, self._place, self._is_choosing = chosen, 0, True
        self._select()
        self._show_soon()

    @work
    async def action_filter(self) -> None:
        if self.digits is None:
            return
        offered = choices(self.digits, self._predictions)
        classes = self.digits.classes
        items = [Item(str(place), f"{chosen.name(classes)}  ({count:,})") for place, (chosen, count) in enumerate(offered)]
        current = next((str(place) for place, (chosen, _) in enumerate(offered) if chosen == self.filter), None)
        place = await self.app.push_screen_wait(Picker("Digits to go through", items, current))
        if place is not None:
            self.choose(offered[int(place)][0])

    def action_reorder(self) -> None:
        if self._predictions is None:
            self.notify("How certain the network is, is known after the first epoch.", severity="warning")
            return
        self.order = self.order.following
        self._select()
        if self.order is not Order.NUMBER:
            self._go(0)
        self._show_soon()

    # Going from digit to digit

    def _go(self, place: int) -> None:
        """To a place in the selection, around its ends."""
        if len(self._selection):
            self._place = place % len(self._selection)
            self.index = int(self._selection[self._place])
            self._show_soon()

    def _show_soon(self) -> None:
        """Once for all the keys that have come in, so that holding one down never lags."""
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(self.show)

    def action_next(self) -> None:
        self._go(self._place + 1 if self._is_selected else self._place)

    def action_previous(self) -> None:
        self._go(self._place - 1)

    def action_forward(self) -> None:
        self._go(self._place + STRIDE)

    def action_back(self) -> None:
        self._go(self._place - STRIDE)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(-1)

    def action_random(self) -> None:
        if len(self._selection):
            self._go(random.randrange(len(self._selection)))

    def action_next_wrong(self) -> None:
        self._go_wrong(1)

    def action_previous_wrong(self) -> None:
        self._go_wrong(-1)

    def _go_wrong(self, by: int) -> None:
        if self._predictions is None:
            self.notify("Which digits are wrong is known after the first epoch.", severity="warning")
            return
        place = neighbour(self._selection, self._place, self._predictions.is_wrong, by)
        if place is None:
            self.notify("None is wrong.")
        else:
            self._go(place)

    @work
    async def action_jump(self) -> None:
        if self.digits is None:
            return
        count = len(self.digits)

        def check(text: str) -> str:
            return "" if text.isdecimal() and 1 <= int(text) <= count else f"A number from 1 to {count:,}."

        text = await self.app.push_screen_wait(Prompt(f"Go to digit (1 to {count:,})", check=check))
        if text is not None:
            self.index = int(text) - 1
            if self.index not in self._selection:
                self.filter = Filter()
            self._select()
            self._show_soon()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)
