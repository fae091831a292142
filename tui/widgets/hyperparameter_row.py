"""One hyperparameter: its name, whether it differs from the preset, and the widget that fits its kind."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from engine.hyperparameter_table import HYPERPARAMETERS
from tui.draft import Draft, title
from tui.widgets.choice import Choice


class HyperparameterRow(Horizontal):
    DEFAULT_CSS = """
    HyperparameterRow {
        height: 1;

        Static {
            width: 22;
            color: $text-muted;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }

        Input, Choice {
            width: 1fr;
            max-width: 32;
        }

        &.-changed Static {
            color: $text-accent;
        }

        &.-wrong Static, &.-wrong Input {
            color: $text-error;
        }

        &:focus-within Static {
            color: $foreground;
            text-style: bold;
        }
    }
    """

    def __init__(self, key: str, draft: Draft) -> None:
        super().__init__()
        self.key = key
        self._draft = draft
        self._label = Static()
        self._marked: tuple[str, bool] | None = None
        self.editor = self._make_editor()

    def _make_editor(self) -> Widget:
        hyperparameter, text = HYPERPARAMETERS[self.key], self._draft.text(self.key)
        match hyperparameter.kind:
            case "choice":
                return Choice(hyperparameter.choices, text, name=self.key)
            case "bool":
                return Choice(("true", "false"), text, name=self.key)
            case _:
                return Input(text, compact=True, name=self.key, select_on_focus=True)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.editor

    def on_mount(self) -> None:
        self.mark()

    def mark(self) -> None:
        """Shows whether the value is changed, wrong, or yet to be told to the run; by a sign too, not by colour alone."""
        wrong, changed = self.key in self._draft.problems, self._draft.is_changed(self.key)
        sign = "!" if wrong else "→" if self.key in self._draft.untold else "•" if changed else " "
        if (sign, changed) != self._marked:
            self._marked = sign, changed
            self._label.update(f"{sign} {title(self.key)}")
            self.set_class(wrong, "-wrong")
            self.set_class(changed, "-changed")

    def show(self) -> None:
        """Takes the value from the draft."""
        text = self._draft.text(self.key)
        with self.prevent(Input.Changed, Choice.Changed):
            if isinstance(self.editor, Choice):
                self.editor.show(text)
            elif isinstance(self.editor, Input):
                self.editor.value = text
        self.mark()
