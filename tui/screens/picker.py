"""A dialogue with a few things to choose from."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.item import Item
from tui.screens.dialogue import Dialogue
from tui.widgets.key_hints import key_hints

WIDTH = 60
"""Columns of a detail, at the most."""
BESIDE = 12
"""Columns of a narrow terminal that are not the detail's: what is beside the dialogue, its border and its scrollbar."""


class Picker(Dialogue[str | None]):
    """Gives the value chosen, or None."""

    BINDINGS = [
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, items: Sequence[Item], current: str | None = None) -> None:
        super().__init__()
        self._title, self._items, self._current = title, items, current

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue") as box:
            box.border_title = self._title
            yield OptionList(*(self._option(item) for item in self._items))
            yield Static(key_hints(("↑ ↓", "choose"), ("Enter", "take"), ("Esc", "close")), classes="hint")

    def _option(self, item: Item) -> Option:
        mark = "●" if item.value == self._current else " "
        title = Content.assemble((f"{mark} ", "$text-accent"), (item.title, "bold"))
        faint = "dim" if self.app.current_theme.ansi else "$foreground-muted"  # what is selected has a ground of the terminal's own
        width = min(WIDTH, self.app.size.width - BESIDE)
        detail = textwrap.fill(item.detail, width, initial_indent="  ", subsequent_indent="  ")
        return Option(Content.assemble(title, "\n", (detail, faint)) if detail else title)

    def on_mount(self) -> None:
        values = [item.value for item in self._items]
        options = self.query_one(OptionList)
        options.highlighted = values.index(self._current) if self._current in values else 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._items[event.option_index].value)

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()
