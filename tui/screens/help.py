"""Every key, and what it does, from the one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from tui.bindings import ACTIONS, Action, key_names, rebound
from tui.dashboard import dashboard
from tui.modes import PLACES
from tui.screens.dialogue import Dialogue
from tui.screens.glossary import GlossaryScreen
from tui.settings import settings_file
from tui.widgets.key_hints import key_hints
from tui.widgets.sections import Sections

FIELDS = (
    ("↑ ↓ Tab", "Go from field to field"),
    ("Enter", "Open or close a group; open a list"),
    ("← →", "Go through a list's values"),
    ("Space", "Turn a switch"),
    ("Esc", "Leave the field, so that letters and digits are keys again"),
)

ID = r"\([a-z]+\.[a-z_]+\)$"
"""An action's, at the end of its line."""


class Topic(NamedTuple):
    title: str
    rows: tuple[tuple[str, str], ...]


class HelpScreen(Dialogue[None]):
    CSS_PATH = ["dialogue.tcss", "help.tcss"]
    BINDINGS = [
        rebound("app.help", "dismiss"),
        rebound("app.quit", "dismiss"),
        rebound("app.explain", "explain"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                topics = [*contents(dashboard(self).actions, self.app.current_mode), files()]
                yield Sections(topics, faint=ID, labels="$text-accent", aligned=False)
            explain = (dashboard(self).key("app.explain"), "what the words mean")
            yield Static(key_hints(("↑ ↓", "scroll"), explain, ("Esc", "close")), classes="hint")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_explain(self) -> None:
        self.app.switch_screen(GlossaryScreen())


def contents(actions: Sequence[Action] = ACTIONS, here: str = "anywhere") -> list[Topic]:
    """The table, by the place where the keys work, with ``here`` first."""
    places = [
        Topic(title, tuple((key_names(action.keys), f"{action.help} ({action.id})") for action in actions if action.where == place))
        for place, title in sorted(PLACES.items(), key=lambda item: item[0] != here)
    ]
    return [*places, Topic("In the form", FIELDS)]


def files() -> Topic:
    """Where what the user may change is, and how."""
    return Topic(
        "Your own keys and settings",
        (
            ("File", str(settings_file())),
            ("Keys", 'under [keys], the name in brackets above and its keys: "train.run" = "r,f11"'),
            ("Settings", "above [keys]: ascii = true, reduced_motion = true"),
        ),
    )
