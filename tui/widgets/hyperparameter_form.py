"""The form: every hyperparameter in groups that open, checked as it is typed."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Collapsible, Input, Select

from tui.form.draft import Draft
from tui.widgets.fields import Fields, field_of
from tui.widgets.hyperparameter_group import GROUPS, HyperparameterGroup


class HyperparameterForm(Fields):
    class Changed(Message):
        """A value was entered, good or bad."""

    class Entered(Message):
        """Enter was pressed in a field."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Focused(Message):
        """A field or a group's title has the focus."""

        def __init__(self, group: str, key: str | None) -> None:
            super().__init__()
            self.group, self.key = group, key

    def __init__(self, draft: Draft, opened: tuple[str, ...]) -> None:
        super().__init__()
        self._draft = draft
        self._opened = opened

    def compose(self) -> ComposeResult:
        for group in GROUPS:
            yield HyperparameterGroup(group, self._draft, opened=group in self._opened)

    def show(self) -> None:
        """Takes all values from the draft."""
        for group in self.query(HyperparameterGroup):
            group.show()
        self.post_message(self.Changed())

    def mark(self) -> None:
        """Shows what is changed, wrong, or yet to be told to the run."""
        for group in self.query(HyperparameterGroup):
            group.mark()

    def reveal(self, key: str) -> None:
        """Opens the group of a field and scrolls to it."""
        group = self._group_of(key)
        group.collapsed = False
        self.call_after_refresh(lambda: self.scroll_to_widget(group.row(key), animate=False))

    def go_to(self, key: str) -> None:
        """Opens the group of a field and gives it the focus."""
        self._group_of(key).go_to(key)

    def _group_of(self, key: str) -> HyperparameterGroup:
        return next(group for group in self.query(HyperparameterGroup) if group.group == key.partition(".")[0])

    @on(Input.Changed)
    @on(Select.Changed)
    def _enter(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        key = event.control.name
        assert key is not None
        if event.value == self._draft.text(key):
            return
        self._draft.set(key, str(event.value))
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        assert event.input.name is not None
        self.post_message(self.Entered(event.input.name))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        widget = event.widget
        group = next(node for node in widget.ancestors if isinstance(node, Collapsible))
        assert isinstance(group, HyperparameterGroup)
        self.post_message(self.Focused(group.group, field_of(widget)))
