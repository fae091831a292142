"""A form's fields, in groups that open, from one to the next by keys."""

from __future__ import annotations

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from tui.widgets.choice import Choice

FIELDS = "CollapsibleTitle, Input, Choice"
BEGINNING = "Tab goes to the form, ↑ ↓ from field to field; Enter opens a group, Esc leaves the form."
"""What to press, until something of the form has the focus."""


class Fields(VerticalScroll, can_focus=False):
    BINDINGS = [
        Binding("up,k", "move(-1)", "The field before", show=False),
        Binding("down,j", "move(1)", "The next field", show=False),
        Binding("escape", "screen.leave_field", "Leave the form", key_display="Esc"),
    ]
    DEFAULT_CSS = """
    Fields {
        scrollbar-size-vertical: 1;
    }
    """

    def action_move(self, by: int) -> None:
        if by > 0:
            self.screen.focus_next(FIELDS)
        else:
            self.screen.focus_previous(FIELDS)


def field_of(widget: Widget) -> str | None:
    """The field that a widget is, or whose list of choices it is."""
    return next((node.name for node in widget.ancestors_with_self if isinstance(node, Input | Choice)), None)
