"""A letter on everything that can have the focus: press it to go there."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.events import Key
from textual.screen import ModalScreen, Screen
from textual.widgets import Label

from tui.jump_target import JumpTarget

LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM"
"""The nearest first."""


class JumpScreen(ModalScreen[JumpTarget | None]):
    """Gives the target whose letter was pressed, or None after any other key."""

    CSS_PATH = "jump.tcss"

    def __init__(self, targets: Iterable[JumpTarget]) -> None:
        super().__init__()
        self.targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        for letter, target in self.targets.items():
            label = Label(f" {letter} ")
            label.styles.offset = target.offset
            yield label

    def on_key(self, event: Key) -> None:
        event.stop()
        event.prevent_default()
        self.dismiss(self.targets.get(event.character or ""))

    def on_click(self) -> None:
        self.dismiss(None)


def focusable(screen: Screen[None]) -> list[JumpTarget]:
    """All that can have the focus and of which something is to be seen."""
    seen = ((widget, screen.find_widget(widget).visible_region) for widget in screen.focus_chain)
    return [JumpTarget(region.offset, widget.focus) for widget, region in seen if region]
