"""The form and its help: the draft as it is edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.message import Message

from tui.client import WorkerClient

if TYPE_CHECKING:
    from engine.hyperparameters.definitions import Hyperparameters
    from tui.form.draft import Draft
    from tui.form.in_flight import InFlight
    from tui.widgets.field_help import FieldHelp
    from tui.widgets.hyperparameter_form import HyperparameterForm

OPENED = (
    (56, ("network", "regularization", "learning_rate", "training", "early_stopping")),
    (50, ("network", "learning_rate", "training", "early_stopping")),
    (36, ("network", "training")),
    (0, ("network",)),
)
"""Rows, and the groups of hyperparameters that are open at first where there are as many."""


class FormPane(Vertical):
    """Empty until it is furnished: the hyperparameters' model would delay the first paint."""

    class Changed(Message):
        """The draft has other values."""

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(id="form-pane")
        self._client = client
        self.field: str | None = None
        """The field last in focus."""
        self.draft: Draft | None = None
        self._in_flight: InFlight
        self._form: HyperparameterForm
        self._help: FieldHelp

    async def furnish(self, preset_name: str, values: Hyperparameters | None, is_loaded: bool) -> None:
        from tui.form.draft import Draft
        from tui.form.in_flight import InFlight
        from tui.widgets.field_help import FieldHelp
        from tui.widgets.hyperparameter_form import HyperparameterForm

        self.draft = draft = Draft(preset_name, values, is_loaded)
        self._in_flight = InFlight(self._client, draft)
        opened = next(groups for rows, groups in OPENED if self.screen.size.height >= rows)
        self._form, self._help = HyperparameterForm(draft, opened), FieldHelp()
        await self.mount(self._form, self._help)
        self._show_draft()

    # The fields

    def on_hyperparameter_form_changed(self, message: HyperparameterForm.Changed) -> None:
        message.stop()
        self._show_draft()
        self._explain_again()

    def on_hyperparameter_form_focused(self, message: HyperparameterForm.Focused) -> None:
        message.stop()
        assert self.draft is not None
        self.field = message.key
        self.draft.leave_field()
        self._explain(message.group, message.key)

    def on_hyperparameter_form_entered(self, message: HyperparameterForm.Entered) -> None:
        """Enter in a field changes the run in hand where that can be, and else goes on to the next field."""
        message.stop()
        assert self.draft is not None
        self.draft.leave_field()
        if self._in_flight.tell(message.key):
            self.follow_run()
        else:
            self._form.action_move(1)

    def _explain(self, group: str, key: str | None) -> None:
        if self.draft is not None:
            self._help.show(self.draft, group, key, self._in_flight.run)

    def _explain_again(self) -> None:
        """Where what is to say of the field depends on the run."""
        if self.field is not None:
            self._explain(self.field.partition(".")[0], self.field)

    def follow_run(self) -> None:
        """Shows what the run in hand has become."""
        if self.draft is not None:
            if self.draft.untold != self._in_flight.untold():
                self._mark()
            self._explain_again()

    def _mark(self) -> None:
        assert self.draft is not None
        self.draft.untold = self._in_flight.untold()
        self._form.mark()

    def _show_draft(self) -> None:
        assert self.draft is not None
        changed = len(self.draft.changed_keys)
        self.border_title = f"Hyperparameters: {self.draft.preset_name}" + (f", {changed} changed" if changed else "")
        self._mark()
        self.post_message(self.Changed())

    # Changes from outside

    def begin(self, preset_name: str, values: Hyperparameters | None = None) -> None:
        """Fills the form anew, from a preset or with values that were loaded."""
        if self.draft is not None:
            self.draft.begin(preset_name, values)
            self._form.show()

    def change(self, values: Mapping[str, Any]) -> bool:
        """Enters values, and tells the run in hand of those that may change while it is trained; whether there are any."""
        assert self.draft is not None
        self.draft.change(values)
        told = [self._in_flight.tell(key) for key in values]
        self._reveal(list(values))
        return any(told)

    def go_to(self, key: str) -> None:
        """Gives the focus to a field."""
        self._form.go_to(key)

    def go_to_problem(self) -> None:
        """Gives the focus to the first field that is wrong."""
        if self.draft is not None:
            for key in self.draft.wrong_keys[:1]:
                self.go_to(key)

    def show(self) -> None:
        """Takes the form's values from the draft, which was changed elsewhere."""
        self._form.show()

    def untold_of(self, keys: Iterable[str]) -> list[str]:
        """Those that the run in hand has another value of, which it could be told."""
        untold = self._in_flight.untold() if self.draft is not None else frozenset()
        return [key for key in keys if key in untold]

    def tell(self, keys: Iterable[str]) -> None:
        """Gives the run in hand the form's values."""
        for key in self.untold_of(keys):
            self._in_flight.tell(key)
        self.follow_run()

    @property
    def is_learning(self) -> bool:
        """Whether a network is trained that live values could be told to."""
        return self.draft is not None and self._in_flight.run is not None

    @property
    def can_reset(self) -> bool:
        return self.draft is not None and self.field is not None and self.draft.is_changed(self.field)

    def reset(self) -> None:
        """Sets the field last in focus back to the preset's value."""
        if self.draft is not None and self.field is not None and self.can_reset:
            self.draft.reset(self.field)
            self._reveal([self.field])

    def undo(self) -> None:
        if self.draft is not None:
            self._go_through_history(self.draft.undo)

    def redo(self) -> None:
        if self.draft is not None:
            self._go_through_history(self.draft.redo)

    def _go_through_history(self, step: Callable[[], list[str]]) -> None:
        """What was told to the run in hand goes back and forth there too."""
        before = self._in_flight.values()
        keys = step()
        self._in_flight.follow(before)
        self._reveal(keys)

    def _reveal(self, keys: list[str]) -> None:
        """Takes the form's values from the draft, and brings the first of those that changed in sight."""
        if keys:
            self.field = keys[0]
        self._form.show()
        if keys:
            self._form.reveal(keys[0])
