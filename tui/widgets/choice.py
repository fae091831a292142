"""A list to choose from, in one line: Enter opens it, left and right go through it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.widgets import Select


class Choice(Select[str], inherit_bindings=False):
    DEFAULT_CSS = """
    Choice:focus > SelectCurrent {
        background: $block-cursor-background;
        background-tint: transparent;

        &.-has-value Static#label, .arrow {
            color: $block-cursor-foreground;
        }
    }
    """
    BINDINGS = [
        Binding("enter,space", "show_overlay", "Open", show=False),
        Binding("left,h", "move(-1)", "The one before", show=False),
        Binding("right,l", "move(1)", "The next one", show=False),
    ]

    def __init__(self, values: Iterable[str], value: str, *, name: str) -> None:
        self._choices = tuple(values)
        super().__init__([(choice, choice) for choice in self._with(value)], value=value, allow_blank=False, compact=True, name=name)

    def _with(self, value: str) -> tuple[str, ...]:
        """The choices, and a value that is none of them but came from a file, such as one activation a layer."""
        return self._choices if value in self._choices else (*self._choices, value)

    def show(self, value: str) -> None:
        self.set_options([(choice, choice) for choice in self._with(value)])
        self.value = value

    def action_move(self, by: int) -> None:
        choices = self._with(str(self.value))
        self.value = choices[(choices.index(str(self.value)) + by) % len(choices)]
