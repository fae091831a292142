"""What the dashboard says when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.bindings import Action, key_name
from tui.item import Item
from tui.screens.notice import Notice

FIRST = (
    "train.run",
    "train.choose_preset",
    "view.show_digits",
    "view.show_statistics",
    "view.jump_mode",
    "app.explain",
    "app.help",
    "app.command_palette",
)
"""What one needs to know to begin with."""


class Greeting(Notice):
    """Gives the id of an action that is wanted at once, or None."""

    def __init__(self, actions: Sequence[Action]) -> None:
        table = {action.id: action for action in actions}
        lines = [Content.assemble((f"{key_name(table[name].keys):>4}", "$text-accent"), f"  {table[name].help}") for name in FIRST]
        choices = tuple(Item(name, "", key=table[name].keys) for name in FIRST)
        message = "Train a network that reads handwritten digits, and watch it learn."
        super().__init__("Welcome", message, Content("\n").join(lines), choices=choices)
