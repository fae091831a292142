"""Every key, and what it does, from the one table."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.bindings import ACTIONS, key_names
from tui.widgets.sections import Sections

FIELDS = (
    ("↑ ↓ Tab", "Go from field to field"),
    ("Enter", "Open or close a group; open a list"),
    ("← →", "Go through a list's values"),
    ("Space", "Turn a switch"),
    ("Esc", "Leave the field, so that letters and digits are keys again"),
    ("^p", "Everything by its name: the command palette"),
)
PLACES = {"anywhere": "Anywhere", "train": "Train", "digits": "Digits", "statistics": "Statistics"}


class Topic(NamedTuple):
    title: str
    rows: tuple[tuple[str, str], ...]


class HelpScreen(ModalScreen[None]):
    CSS_PATH = ["dialogue.tcss", "help.tcss"]
    BINDINGS = [Binding("escape,question_mark,q", "dismiss_help", "Close", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                yield Sections(contents())
            yield Static("↑ ↓ scroll   Esc close", classes="hint")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_dismiss_help(self) -> None:
        self.dismiss()


def contents() -> list[Topic]:
    """The table, by the place where the keys work."""
    places = [
        Topic(title, tuple((key_names(action.keys), action.help) for action in ACTIONS if action.where == place))
        for place, title in PLACES.items()
    ]
    return [*places, Topic("In the form", FIELDS)]
