"""What the screens of all modes have in common: header, footer, and a calm word where there is no room."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.events import Event, Resize
from textual.screen import Screen
from textual.widgets import Static

from tui.bindings import ACTIONS
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.jump_target import JumpTarget
from tui.screens.jump import focusable
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar

SMALLEST = (60, 18)
"""Columns and rows that the screens are laid out for, at the least: with fewer they say so."""
ORDER = {action.id: place for place, action in enumerate(ACTIONS)}


class ModeScreen(Screen[None]):
    MODE: ClassVar[str]
    CSS_PATH = ["mode.tcss"]
    AUTO_FOCUS = ""
    BINDINGS = [Binding("escape", "leave_field", "Leave the field", show=False)]

    def __init__(self, client: WorkerClient) -> None:
        super().__init__()
        self.client = client
        self._css_update_count = self.app._css_update_count  # or Textual styles everything anew, twice, when it is shown first
        self._offered: list[tuple[str, str, bool]] = []

    def compose(self) -> ComposeResult:
        yield Header(self.client, self.MODE, dashboard(self).actions)
        yield from self.compose_body()
        yield Static(f"This needs a terminal of {SMALLEST[0]} columns and {SMALLEST[1]} rows or more.", id="too-small")
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.client.subscribe(self)

    async def on_event(self, event: Event) -> None:
        """A size that is no longer the terminal's is not laid out: one that is dragged changes faster than that can be done."""
        if not isinstance(event, Resize) or event.size == self.app.size:
            await super().on_event(event)

    @property
    def shown_page(self) -> str:
        """What is looked at, as the glossary names it: the mode, and the page where it has some."""
        return self.MODE

    def jump_targets(self) -> list[JumpTarget]:
        """Where jump mode can go; a screen with more than panes and fields adds what else there is."""
        return focusable(self)

    def on_unmount(self) -> None:
        self.client.unsubscribe(self)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """In the table's order, which is the footer's, whatever their keys."""
        return dict(sorted(super().active_bindings.items(), key=lambda item: ORDER.get(item[1].binding.id or "", len(ORDER))))

    def refresh_bindings(self) -> None:
        """Only where other keys work than before: the footer is made anew each time."""
        offered = [(key, active.binding.action, active.enabled) for key, active in self.active_bindings.items()]
        if offered != self._offered:
            self._offered = offered
            super().refresh_bindings()

    def action_leave_field(self) -> None:
        self.set_focus(None)

    def action_copy_text(self) -> None:
        """Copies what was marked with the mouse."""
        super().action_copy_text()
        self.notify("Copied.")
