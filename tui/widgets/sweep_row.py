"""One field of a sweep: its name, whether something is wrong or varies, and the widget that fits it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from engine.hyperparameter_table import HYPERPARAMETERS
from tui.draft import title
from tui.sweep_draft import FIELDS, SweepDraft
from tui.widgets.choice import Choice

EMPTY = {"name": "by date and time", "trials": "any", "minutes": "any", "jobs": "as many as make sense", "cluster": "none"}
"""What fields mean that are left empty."""


class SweepRow(Horizontal):
    DEFAULT_CSS = """
    SweepRow {
        height: 1;

        Static {
            width: 22;
            color: $text-muted;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }

        Input, Choice {
            width: 1fr;
            max-width: 60;
        }

        Choice {
            max-width: 24;
        }

        &.-varies Static {
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

    def __init__(self, key: str, draft: SweepDraft) -> None:
        super().__init__()
        self.key, self._draft = key, draft
        self._label = Static()
        self._title = FIELDS[key].title if key in FIELDS else title(key)
        choices, text = FIELDS[key].choices if key in FIELDS else (), draft.text(key)
        self.editor = Choice(choices, text, name=key) if choices else Input(text, compact=True, name=key, select_on_focus=True)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.editor

    def on_mount(self) -> None:
        self.mark()

    def mark(self) -> None:
        """Shows whether something is wrong, and whether the hyperparameter varies; by a sign too, not by colour alone."""
        wrong, varies = self.key in self._draft.problems, self.key not in FIELDS and bool(self._draft.text(self.key))
        self._label.update(f"{'!' if wrong else '•' if varies else ' '} {self._title}")
        self.set_class(wrong, "-wrong")
        self.set_class(varies, "-varies")
        if isinstance(self.editor, Input):
            self.editor.placeholder = self._placeholder()

    def _placeholder(self) -> str:
        if self.key in HYPERPARAMETERS:
            return self._draft.fixed_text(self.key) or "none"
        return EMPTY.get(self.key, "")

    def show(self) -> None:
        """Takes the text from the draft."""
        text = self._draft.text(self.key)
        with self.prevent(Input.Changed, Choice.Changed):
            if isinstance(self.editor, Choice):
                self.editor.show(text)
            else:
                self.editor.value = text
        self.mark()
