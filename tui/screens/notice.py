"""A dialogue that says what went wrong and what to do."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widgets import Static

from tui.bindings import key_name
from tui.item import Item
from tui.screens.dialogue import Dialogue
from tui.widgets.key_hints import key_hints


class Notice(Dialogue[str | None]):
    """Gives the value of the choice whose key was pressed, or None. Without keys of its own, a choice has its value's first letter;
    without a title it is named elsewhere.
    """

    BINDINGS = [Binding("enter", "dismiss", "Close", show=False)]

    def __init__(self, title: str, message: str, advice: str | Content = "", detail: str = "", choices: tuple[Item, ...] = ()) -> None:
        super().__init__()
        self._title, self._message, self._advice, self._detail, self._choices = title, message, advice, detail, choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue") as box:
            box.border_title = self._title
            yield Static(self._message, classes="message", markup=False)
            if self._advice:
                yield Static(self._advice, classes="advice", markup=False)
            if self._detail:
                with VerticalScroll(classes="detail"):
                    yield Static(self._detail, markup=False)
            hints = [(key_name(_key(item)), item.title) for item in self._choices if item.title]
            yield Static(key_hints(*hints, ("Esc", "close")), classes="hint")

    def on_key(self, event: Key) -> None:
        for item in self._choices:
            if event.key in _key(item).split(","):
                event.stop()  # it is no key of the screen below
                self.dismiss(item.value)


def _key(item: Item) -> str:
    return item.key or item.value[0]
