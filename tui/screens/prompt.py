"""A dialogue with a line to type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialogue import Dialogue
from tui.widgets.key_hints import key_hints


class Prompt(Dialogue[str | None]):
    """Gives what was typed, or None. ``check`` says what is wrong with it, or an empty string; later, where that may take long."""

    def __init__(self, title: str, text: str = "", check: Callable[[str], str | Awaitable[str]] = lambda text: "") -> None:
        super().__init__()
        self._title, self._text, self._check = title, text, check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue") as box:
            box.border_title = self._title
            yield Input(self._text, compact=True)
            yield Static("", classes="problem", markup=False)
            yield Static(key_hints(("Enter", "take"), ("Esc", "close")), classes="hint")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(".problem", Static).update("")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        found = self._check(event.value.strip())
        problem = await found if isawaitable(found) else found
        if problem:
            self.query_one(".problem", Static).update(problem)
        elif self.is_current:  # Enter may have been pressed once more meanwhile
            self.dismiss(event.value.strip())
