"""Every key, and what it does, from the one table."""

from __future__ import annotations

from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.bindings import ACTIONS, Action, key_names

FIELDS = (
    ("↑ ↓ Tab", "Go from field to field"),
    ("Enter", "Open or close a group; open a list"),
    ("← →", "Go through a list's values"),
    ("Space", "Turn a switch"),
    ("Esc", "Leave the field, so that letters and digits are keys again"),
    ("^p", "Everything by its name: the command palette"),
)
PLACES = {"anywhere": "Anywhere", "train": "Train", "digits": "Digits", "statistics": "Statistics"}
KEYS = 14
"""Columns for the keys."""


class HelpScreen(ModalScreen[None]):
    CSS_PATH = ["dialogue.tcss", "help.tcss"]
    BINDINGS = [Binding("escape,question_mark,q", "dismiss_help", "Close", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                yield Static(contents())
            yield Static("↑ ↓ scroll   Esc close", classes="hint")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_dismiss_help(self) -> None:
        self.dismiss()


def contents() -> Content:
    """The table as text, by the place where the keys work."""
    lines: list[Content] = []
    for place, actions in groupby(sorted(ACTIONS, key=_place), key=_place):
        lines += [Content.styled(list(PLACES.values())[place], "bold $text-accent")]
        lines += [_line(key_names(action.keys), action.help) for action in actions]
        lines.append(Content(""))
    lines += [Content.styled("In the form", "bold $text-accent"), *(_line(keys, text) for keys, text in FIELDS)]
    return Content("\n").join(lines)


def _place(action: Action) -> int:
    return list(PLACES).index(action.where)


def _line(keys: str, text: str) -> Content:
    return Content.assemble((keys.ljust(KEYS), "bold $text-primary"), text)
