"""A letter on everything that can have the focus: press it to go there."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.events import Key
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Label

LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM"
"""The nearest first."""


class JumpScreen(ModalScreen[Widget | None]):
    """Gives the widget whose letter was pressed, or None after any other key. ``places`` are widgets and where they begin, by letters."""

    CSS_PATH = "jump.tcss"

    def __init__(self, places: dict[str, tuple[Widget, Offset]]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        for letter, (_, offset) in self._places.items():
            label = Label(f" {letter} ")
            label.styles.offset = offset
            yield label

    def on_key(self, event: Key) -> None:
        event.stop()
        event.prevent_default()
        widget, _ = self._places.get(event.character or "", (None, None))
        self.dismiss(widget)

    def on_click(self) -> None:
        self.dismiss(None)


def places(screen: Screen[Any]) -> dict[str, tuple[Widget, Offset]]:
    """What can be jumped to, by letters: all that can have the focus and of which something is to be seen."""
    seen = ((widget, screen.find_widget(widget).visible_region) for widget in screen.focus_chain)
    return dict(zip(LETTERS, ((widget, region.offset) for widget, region in seen if region), strict=False))
