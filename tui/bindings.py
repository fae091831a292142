"""Every action: one table that feeds the key bindings, the footer, the command palette and the help screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Place = Literal["anywhere", "train", "digits", "statistics"]
"""Where a key works: everywhere, or in one mode."""


@dataclass(frozen=True)
class Action:
    id: str
    """``group.method``: the palette names it ``group: title``, and ``action_method`` of the app or the mode's screen does it."""
    keys: str
    """Separated by commas; the first is shown."""
    title: str
    help: str
    where: Place = "anywhere"
    footer: bool = True
    priority: bool = False
    """Whether it comes before the focused widget and a dialogue."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]

    @property
    def method(self) -> str:
        return self.id.partition(".")[2]

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.method,
            self.title,
            show=self.footer,
            tooltip=self.help,
            id=self.id,
            key_display=key_name(self.keys),
            priority=self.priority,
        )


ACTIONS = (
    Action("view.show_train", "1,f1", "Train", "Hyperparameters, the run in hand, its charts and its log.", footer=False),
    Action("view.show_digits", "2,f2", "Digits", "Test digits, and what the network takes them for.", footer=False),
    Action("view.show_statistics", "3,f3", "Statistics", "The network, its training and its errors in figures.", footer=False),
    Action("view.choose_theme", "t", "Theme", "Choose the colours.", footer=False),
    Action("worker.choose_device", "d", "Device", "Choose what trains: the CPU, or a GPU.", footer=False),
    Action("worker.choose_dataset", "D", "Data set", "Choose the digits: a name, or a directory.", footer=False),
    Action("worker.restart", "ctrl+r", "Restart", "Start the worker again; an interrupted run can be resumed.", footer=False),
    Action("train.run", "r", "Run", "Train a network with these hyperparameters.", "train"),
    Action("train.pause", "p", "Pause", "Hold the training.", "train"),
    Action("train.resume", "p", "Resume", "Go on with the training.", "train"),
    Action("train.stop", "s", "Stop", "Finish this epoch, evaluate, and keep everything.", "train"),
    Action("train.abort", "x", "Abort", "End the run now; finished epochs are kept.", "train"),
    Action("train.choose_preset", "P", "Preset", "Begin with named hyperparameters.", "train"),
    Action("train.switch", "f", "Form", "Where there is no room for both: show the form, or the charts and the log.", "train"),
    Action("train.reset", "u", "Undo", "Set the field in focus, or last in focus, back to the preset's value.", "train", footer=False),
    Action("train.load", "ctrl+o", "Load", "Read hyperparameters from a TOML file.", "train", footer=False),
    Action("train.save", "ctrl+s", "Save", "Write the hyperparameters to a TOML file.", "train", footer=False),
    Action("train.copy", "y", "Copy command", "Copy the command line that trains with these hyperparameters.", "train", footer=False),
    Action("digits.previous", "left,h,p", "Back", "The digit before.", "digits"),
    Action("digits.next", "right,l,n", "Next", "The next digit.", "digits"),
    Action("digits.back", "up,k,pageup", "Ten back", "Ten digits back.", "digits", footer=False),
    Action("digits.forward", "down,j,pagedown", "Ten on", "Ten digits on.", "digits", footer=False),
    Action("digits.first", "home", "First", "The first digit.", "digits", footer=False),
    Action("digits.last", "end", "Last", "The last digit.", "digits", footer=False),
    Action("digits.jump", "g,colon", "Jump", "Go to a digit by its number.", "digits"),
    Action("digits.random", "r", "Random", "Any digit.", "digits"),
    Action("digits.next_wrong", "w", "Wrong", "The next digit that the network takes for another.", "digits"),
    Action("digits.previous_wrong", "W", "Previous wrong", "The digit before that the network takes for another.", "digits", footer=False),
    Action("digits.change_view", "v", "View", "Draw the digit in characters, or in half-blocks.", "digits"),
    Action("statistics.scroll_line_up", "up,k", "Up", "A line up.", "statistics", footer=False),
    Action("statistics.scroll_line_down", "down,j", "Down", "A line down.", "statistics", footer=False),
    Action("statistics.scroll_page_up", "pageup,b", "Page up", "A page up.", "statistics"),
    Action("statistics.scroll_page_down", "pagedown,space", "Page down", "A page down.", "statistics"),
    Action("statistics.scroll_top", "home,g", "Top", "To the top.", "statistics", footer=False),
    Action("statistics.scroll_bottom", "end,G", "Bottom", "To the bottom.", "statistics", footer=False),
    Action("app.help", "question_mark", "Help", "All keys, and what they do."),
    Action("app.quit", "q", "Quit", "Leave; asks first while training."),
    Action(
        "app.quit_now",
        "ctrl+q",
        "Quit",
        "The same from anywhere, a field too; a second time it leaves at once.",
        footer=False,
        priority=True,
    ),
)

_NAMES = {
    "question_mark": "?", "colon": ":", "left": "←", "right": "→", "up": "↑", "down": "↓", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "space": "Space", "escape": "Esc", "enter": "Enter",
}  # fmt: skip


def key_name(keys: str) -> str:
    """The first of the keys as it is shown, such as ``^s`` or ``F1``."""
    key = keys.partition(",")[0]
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def key_names(keys: str) -> str:
    """All keys as the help screen shows them."""
    return " ".join(key_name(key) for key in keys.split(","))


def bindings(where: Place) -> list[BindingType]:
    """The bindings of the app, or of a mode's screen."""
    return [action.binding for action in ACTIONS if action.where == where]
