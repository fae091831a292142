"""Every action: one table that feeds the key bindings, the footer, the command palette and the help screen."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import KEY_TO_UNICODE_NAME

from tui.modes import MODES


@dataclass(frozen=True)
class Action:
    id: str
    """``group.method``: the palette names it ``group: title``, and ``action_method`` of the app or the mode's screen does it."""
    keys: str
    """Separated by commas; the first is shown."""
    title: str
    help: str
    where: str = "anywhere"
    """Where the keys work: everywhere, or in the mode of that name."""
    footer: bool = True
    priority: bool = False
    """Whether it comes before the focused widget and a dialogue."""
    call: str = ""
    """The method with its arguments, as Textual writes them, where that is not the one named by the id."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]

    @property
    def method(self) -> str:
        return self.call or self.id.partition(".")[2]

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
    *(Action(mode.action, mode.keys, mode.title, mode.help, footer=False, call=f"switch_mode({mode.name!r})") for mode in MODES),
    Action("view.choose_theme", "t", "Theme", "Choose the colours.", footer=False),
    Action("worker.choose_device", "d", "Device", "Choose what trains: the CPU, or a GPU.", footer=False),
    Action("worker.choose_dataset", "D", "Data set", "Choose the digits: a name, or a directory.", footer=False),
    Action(
        "worker.restart",
        "ctrl+r",
        "Restart",
        "Start the worker again, or try at once to reach it again; an interrupted run can be resumed.",
        footer=False,
    ),
    Action("worker.give_up", "ctrl+g", "Give up", "Stop trying to reach a worker whose connection broke.", footer=False),
    Action("train.run", "r", "Run", "Train a network with these hyperparameters.", "train"),
    Action("train.pause", "p", "Pause", "Hold the training.", "train"),
    Action("train.resume", "p", "Resume", "Go on with the training, where it is paused, and where it was stopped.", "train"),
    Action("train.stop", "s", "Stop", "Finish this epoch, evaluate, and keep everything.", "train"),
    Action("train.abort", "x", "Abort", "End the run now; finished epochs are kept.", "train"),
    Action("train.choose_preset", "P", "Preset", "Begin with named hyperparameters.", "train"),
    Action("train.show_form", "f", "Form", "Show the form, where there is no room for the charts and the log beside it.", "train"),
    Action("train.show_results", "f", "Charts", "Show the charts and the log, where there is no room for them beside the form.", "train"),
    Action("train.undo", "u", "Undo", "Take back the last change of the form.", "train", footer=False),
    Action("train.redo", "U,ctrl+y", "Redo", "Make again the change that was taken back.", "train", footer=False),
    Action("train.reset", "R", "Reset", "Set the field last in focus back to the preset's value.", "train", footer=False),
    Action("train.load", "ctrl+o", "Load", "Read hyperparameters from a TOML file.", "train", footer=False),
    Action("train.save", "ctrl+s", "Save", "Write the hyperparameters to a TOML file.", "train", footer=False),
    Action("train.copy", "y", "Copy command", "Copy the form's command line; in the log, the row.", "train", footer=False),
    Action(
        "train.copy_run",
        "Y",
        "Copy the run's command",
        "Copy the command line that trains the run in hand once more; in the log, all rows.",
        "train",
        footer=False,
    ),
    Action("train.fix", "i", "Fix", "Show what a hint would change, and change it.", "train", footer=False),
    Action(
        "train.distortions",
        "A",
        "Distortions",
        "A digit beside what augmentation makes of it, as its values change.",
        "train",
        footer=False,
    ),
    Action("train.zoom", "z", "Zoom", "One chart alone, the next one, all again.", "train", footer=False),
    Action("train.log_scale", "L", "Log scale", "Loss and learning rate on a logarithmic scale.", "train", footer=False),
    Action("train.cursor", "c", "Read values", "A cursor in the charts that reads the values of an epoch.", "train", footer=False),
    Action("train.cursor_left", "left,h", "Epoch before", "The charts' cursor to the epoch before.", "train", footer=False),
    Action("train.cursor_right", "right,l", "Next epoch", "The charts' cursor to the next epoch.", "train", footer=False),
    Action("digits.previous", "left,h,p", "Back", "The digit before.", "digits", footer=False),
    Action("digits.next", "right,l,n", "Next", "The next digit.", "digits"),
    Action("digits.back", "up,k,pageup", "Ten back", "Ten digits back.", "digits", footer=False),
    Action("digits.forward", "down,j,pagedown", "Ten on", "Ten digits on.", "digits", footer=False),
    Action("digits.first", "home", "First", "The first digit.", "digits", footer=False),
    Action("digits.last", "end", "Last", "The last digit.", "digits", footer=False),
    Action("digits.jump", "g,colon", "Jump", "Go to a digit by its number.", "digits", footer=False),
    Action("digits.random", "r", "Random", "Any digit.", "digits", footer=False),
    Action("digits.next_wrong", "w", "Wrong", "The next digit that the network takes for another.", "digits"),
    Action("digits.previous_wrong", "W", "Previous wrong", "The digit before that the network takes for another.", "digits", footer=False),
    Action("digits.filter", "f", "Filter", "Choose which digits to go through: wrong ones, one label, one confusion.", "digits"),
    Action("digits.reorder", "o", "Order", "Go through them by number, or the least or the most certain first.", "digits", footer=False),
    Action(
        "digits.saliency", "s", "Why", "Saliency: which pixels spoke for the prediction (+), and which for the runner-up (-).", "digits"
    ),
    Action("digits.activations", "a", "Layers", "Show what the hidden layers make of the digit.", "digits"),
    Action("digits.outputs", "x", "Raw outputs", "Show the raw outputs beside the probabilities.", "digits", footer=False),
    Action(
        "digits.distortions",
        "A",
        "Distortions",
        "The digit beside what augmentation makes of it, as its values change.",
        "digits",
        footer=False,
    ),
    Action(
        "digits.change_view",
        "v",
        "View",
        "Draw the digit in characters, blocks, inverted, in high contrast, or deskewed where the network sees it so.",
        "digits",
    ),
    Action("statistics.see_summary", "s", "Summary", "Evaluation, composition, hyperparameters, device.", "statistics", footer=False),
    Action("statistics.see_confusion", "c", "Confusion", "Which digits are taken for which; each class.", "statistics", footer=False),
    Action("statistics.see_calibration", "a", "Calibration", "Whether its confidence can be believed.", "statistics", footer=False),
    Action("statistics.see_histograms", "i", "Histograms", "How weights and gradients are spread.", "statistics", footer=False),
    Action("statistics.see_weights", "w", "Weights", "What neurons of the first layer look for, as images.", "statistics", footer=False),
    Action("statistics.next_page", "tab,right_square_bracket", "Next page", "The next page of statistics.", "statistics"),
    Action("statistics.previous_page", "shift+tab,left_square_bracket", "Previous page", "The page before.", "statistics", footer=False),
    Action("statistics.up", "up,k", "Up", "A line up; among confusions a cell up.", "statistics", footer=False),
    Action("statistics.down", "down,j", "Down", "A line down; among confusions a cell down.", "statistics", footer=False),
    Action("statistics.left", "left,h", "Left", "A cell to the left; among weights a page back.", "statistics", footer=False),
    Action("statistics.right", "right,l", "Right", "A cell to the right; among weights a page on.", "statistics", footer=False),
    Action("statistics.open_digits", "enter", "Show digits", "Go through the digits of the confusion at the cursor.", "statistics"),
    Action("statistics.page_up", "pageup,b", "Page up", "A page up.", "statistics", footer=False),
    Action("statistics.page_down", "pagedown,space", "Page down", "A page down.", "statistics"),
    Action("statistics.top", "home,g", "Top", "To the top.", "statistics", footer=False),
    Action("statistics.bottom", "end,G", "Bottom", "To the bottom.", "statistics", footer=False),
    Action("sweep.run", "r", "Search", "Begin to search with what is entered.", "sweep"),
    Action("sweep.pause", "p", "Pause", "Hold the search.", "sweep"),
    Action("sweep.resume", "p", "Resume", "Go on with the search.", "sweep"),
    Action("sweep.stop", "s", "Stop", "End the search now; you can go on with it later.", "sweep"),
    Action("sweep.go_on", "g", "Go on", "Go on with the sweep that is shown, up to so many trials.", "sweep"),
    Action("sweep.open", "o", "Earlier", "Open an earlier sweep.", "sweep"),
    Action("sweep.show_setup", "f", "Form", "Show the form, for another sweep.", "sweep"),
    Action("sweep.show_results", "f", "Trials", "Show the sweep in hand.", "sweep"),
    Action("sweep.zoom", "z", "View", "Trials alone, charts, parallel coordinates, workers, all again.", "sweep"),
    Action("sweep.apply", "a", "Apply", "Put the trial's hyperparameters into the Train form; this can be undone there.", "sweep"),
    Action("sweep.open_trial", "enter", "Model", "Show the trial's model in the statistics, where it is kept.", "sweep", footer=False),
    Action("sweep.save", "ctrl+s", "Keep", "Write the trial's hyperparameters to a TOML file, for the presets.", "sweep", footer=False),
    Action("sweep.copy", "y", "Copy command", "Copy the command line of the form's sweep, or of the trial.", "sweep", footer=False),
    Action("sweep.best", "w", "Winner", "To the winner, or the best trial so far.", "sweep", footer=False),
    Action("sweep.sort_before", "left,h", "Order before", "Order the trials by the column before.", "sweep", footer=False),
    Action("sweep.sort_next", "right,l", "Next order", "Order the trials by the next column.", "sweep", footer=False),
    Action("sweep.reverse", "R", "Turn round", "Turn the order of the trials round.", "sweep", footer=False),
    Action("sweep.up", "up,k", "Up", "The trial above.", "sweep", footer=False),
    Action("sweep.down", "down,j", "Down", "The trial below.", "sweep", footer=False),
    Action("sweep.page_up", "pageup,b", "Page up", "A page of trials up.", "sweep", footer=False),
    Action("sweep.page_down", "pagedown,space", "Page down", "A page of trials down.", "sweep", footer=False),
    Action("sweep.first", "home", "First", "The first trial.", "sweep", footer=False),
    Action("sweep.last", "end,G", "Last", "The last trial.", "sweep", footer=False),
    Action("draw.pen", "space", "Pen", "Put the pen down at the cursor, or lift it.", "draw"),
    Action("draw.eraser", "x", "Eraser", "Erase instead of drawing, or draw again; with the mouse, the right button erases.", "draw"),
    Action("draw.thinner", "minus,left_square_bracket", "Thinner", "A thinner brush.", "draw", footer=False, call="change_width(-1)"),
    Action(
        "draw.thicker", "plus,equals_sign,right_square_bracket", "Thicker", "A thicker brush.", "draw", footer=False, call="change_width(1)"
    ),
    Action("draw.undo", "u", "Undo", "Take back the last stroke, or whatever else was done.", "draw"),
    Action("draw.redo", "U,ctrl+y", "Redo", "Do again what was taken back.", "draw", footer=False),
    Action("draw.clear", "C,delete", "Clear", "An empty canvas; this can be undone.", "draw"),
    Action("draw.invert", "i", "Invert", "Paper becomes ink, ink becomes paper.", "draw", footer=False),
    Action("draw.keep", "c", "Correct", "Keep the drawing with its right label, in a data set of your own that can be trained on.", "draw"),
    Action("draw.take_back", "backspace", "Take back", "Take the drawing kept last out of your data set again.", "draw", footer=False),
    Action(
        "draw.save",
        "s,ctrl+s",
        "Save",
        "Write the drawing to a file: PNG, JSON (strokes) or IDX (as the network sees it).",
        "draw",
        footer=False,
    ),
    Action("draw.load", "o,ctrl+o", "Load", "Read a picture (PNG, JPEG, IDX) or a drawing (JSON) from a file.", "draw", footer=False),
    Action(
        "draw.paste", "p,ctrl+v", "Paste", "The clipboard's text: the path of a picture, or a drawing in characters.", "draw", footer=False
    ),
    Action("draw.copy", "y", "Copy", "Copy what the network sees, in characters.", "draw", footer=False),
    Action("draw.random", "r", "Test digit", "Any test digit on the canvas, to draw in.", "draw", footer=False),
    Action(
        "draw.left", "left,h", "Left", "The cursor to the left, and the pen where it is down.", "draw", footer=False, call="move(-1, 0)"
    ),
    Action("draw.right", "right,l", "Right", "The cursor to the right.", "draw", footer=False, call="move(1, 0)"),
    Action("draw.up", "up,k", "Up", "The cursor up.", "draw", footer=False, call="move(0, -1)"),
    Action("draw.down", "down,j", "Down", "The cursor down.", "draw", footer=False, call="move(0, 1)"),
    Action("draw.up_left", "home", "Up left", "The cursor up and to the left: the keypad's 7.", "draw", footer=False, call="move(-1, -1)"),
    Action(
        "draw.up_right", "pageup", "Up right", "The cursor up and to the right: the keypad's 9.", "draw", footer=False, call="move(1, -1)"
    ),
    Action(
        "draw.down_left", "end", "Down left", "The cursor down and to the left: the keypad's 1.", "draw", footer=False, call="move(-1, 1)"
    ),
    Action(
        "draw.down_right",
        "pagedown",
        "Down right",
        "The cursor down and to the right: the keypad's 3.",
        "draw",
        footer=False,
        call="move(1, 1)",
    ),
    Action("draw.far_left", "shift+left,H", "Far left", "Four steps to the left.", "draw", footer=False, call="move(-4, 0)"),
    Action("draw.far_right", "shift+right,L", "Far right", "Four steps to the right.", "draw", footer=False, call="move(4, 0)"),
    Action("draw.far_up", "shift+up,K", "Far up", "Four steps up.", "draw", footer=False, call="move(0, -4)"),
    Action("draw.far_down", "shift+down,J", "Far down", "Four steps down.", "draw", footer=False, call="move(0, 4)"),
    Action("runs.compare", "c", "Compare", "Two to ten marked runs side by side, with their curves; again, the list.", "runs"),
    Action("runs.mark", "space", "Mark", "Mark the run, or unmark it, and go to the next.", "runs"),
    Action(
        "runs.filter",
        "slash",
        "Filter",
        "Find runs by words of any column, or by conditions: test>97, state=finished, batch_size=64.",
        "runs",
    ),
    Action("runs.open_digits", "enter", "Digits", "Go through the digits with the run's model.", "runs"),
    Action("runs.open_statistics", "i", "Statistics", "The run's model in figures.", "runs", footer=False),
    Action(
        "runs.overlay",
        "v",
        "Overlay",
        "Show the run, or all that are marked, in the charts of Train; again, hide them.",
        "runs",
        footer=False,
    ),
    Action(
        "runs.apply", "a", "Apply", "Put the run's hyperparameters into the Train form; this can be undone there.", "runs", footer=False
    ),
    Action("runs.resume", "p", "Resume", "Go on with a run that was interrupted or stopped.", "runs", footer=False),
    Action("runs.note", "n", "Note", "Write a note about the run.", "runs", footer=False),
    Action("runs.rename", "R", "Rename", "Give the run another name.", "runs", footer=False),
    Action("runs.delete", "x,delete", "Delete", "Move the run, or all that are marked, to the trash.", "runs", footer=False),
    Action("runs.undo", "u", "Undo", "Take back what was done last: deleted, renamed, noted, marked.", "runs", footer=False),
    Action("runs.unmark", "M", "Unmark", "Take the marks off all runs in the list.", "runs", footer=False),
    Action("runs.order", "o", "Order", "Choose the column to order by; the same once more turns it round.", "runs", footer=False),
    Action("runs.order_before", "less_than_sign", "Order before", "Order by the column before.", "runs", footer=False),
    Action("runs.order_next", "greater_than_sign", "Next order", "Order by the next column.", "runs", footer=False),
    Action("runs.turn_round", "O", "Turn round", "Turn the order round.", "runs", footer=False),
    Action("runs.disk", "T", "Trash", "Restore runs from the trash, empty it, make room on the disk.", "runs", footer=False),
    Action("runs.copy", "y", "Copy command", "Copy the command line that trains the run once more.", "runs", footer=False),
    Action("runs.all_values", "A", "All values", "In the comparison, show what is the same for all runs too, or hide it.", "runs"),
    Action("runs.zoom", "z", "Charts", "In the comparison, one chart alone, the next one, all again.", "runs"),
    Action("runs.log_scale", "L", "Log scale", "In the comparison, loss and learning rate on a logarithmic scale.", "runs", footer=False),
    Action("runs.up", "up,k", "Up", "The run above; in the comparison, the line above.", "runs", footer=False),
    Action("runs.down", "down,j", "Down", "The run below; in the comparison, the line below.", "runs", footer=False),
    Action("runs.left", "left,h", "Left", "The columns to the left; in the comparison, the run before.", "runs", footer=False),
    Action("runs.right", "right,l", "Right", "The columns to the right; in the comparison, the next run.", "runs", footer=False),
    Action("runs.page_up", "pageup,b", "Page up", "A page up.", "runs", footer=False),
    Action("runs.page_down", "pagedown", "Page down", "A page down.", "runs", footer=False),
    Action("runs.first", "home,g", "First", "The first.", "runs", footer=False),
    Action("runs.last", "end,G", "Last", "The last.", "runs", footer=False),
    Action("view.jump_mode", "semicolon,ctrl+j", "Go to", "A letter on every pane and field: press it to go there.", footer=False),
    Action("export.picture", "f8", "Screenshot", "Write what is on screen to an SVG file.", footer=False),
    Action("export.metrics", "f7", "Metrics", "Write the epochs of the run in hand to a CSV file.", footer=False),
    Action("export.confusion", "f9", "Confusion matrix", "Write the confusion matrix of the run in hand to a CSV file.", footer=False),
    Action("export.digits", "f10", "Wrong digits", "Write the wrong digits, in characters, to a text file.", footer=False),
    Action("app.explain", "f12,e", "Explain", "Explain the field in focus, or any term on screen.", footer=False),
    Action("app.command_palette", "ctrl+p", "Menu", "Everything by its name: the command palette.", priority=True),
    Action("app.help", "question_mark", "Help", "All keys, and what they do."),
    Action("app.quit", "q", "Quit", "Leave; asks first while training or searching."),
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
    "left": "←", "right": "→", "up": "↑", "down": "↓", "tab": "Tab", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "space": "Space", "escape": "Esc", "enter": "Enter", "slash": "/",
    "minus": "-", "plus": "+", "delete": "Del", "backspace": "Backspace",
}  # fmt: skip


def key_name(keys: str) -> str:
    """The first of the keys as it is shown, such as ``^s`` or ``F1``."""
    key = keys.partition(",")[0]
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    if key.startswith("shift+"):
        return "Shift+" + key_name(key.removeprefix("shift+"))
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key) or _character(key)


def _character(key: str) -> str:
    """``?`` for ``question_mark``."""
    try:
        character = unicodedata.lookup(KEY_TO_UNICODE_NAME.get(key, key.replace("_", " ")))
    except KeyError:
        return key
    return character if character.isprintable() else key


def key_names(keys: str) -> str:
    """All keys as the help screen shows them."""
    return " ".join(key_name(key) for key in keys.split(","))


def rebound(action_id: str, method: str, *, show: bool = False) -> Binding:
    """An action's keys, the user's own too, for what a dialogue does instead, or to show them where the action itself is not shown."""
    action = next(action for action in ACTIONS if action.id == action_id)
    return Binding(action.keys, method, action.title, show=show, tooltip=action.help if show else "", id=action.id)


def bindings(where: str) -> list[BindingType]:
    """The bindings of the app, or of a mode's screen."""
    return [action.binding for action in ACTIONS if action.where == where]
