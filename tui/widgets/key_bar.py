"""The bottom line: the keys that work now, as many as are shown whole. The others are in the help and the palette."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

BLANKS = 3
"""Columns of a key beside its name and what it does."""


class KeyBar(Footer):
    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        keys = list(super().compose())
        self._fit(keys)
        yield from keys

    def on_resize(self, event: Resize) -> None:
        self._fit(self.children)

    def _fit(self, keys: Iterable[Widget]) -> None:
        room = self.app.size.width + 1  # for the blank after the last
        for key in keys:
            if isinstance(key, FooterKey):
                room -= len(key.key_display) + len(key.description) + BLANKS
                key.display = room >= 0
