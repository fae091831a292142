"""One field of a sweep: its name, whether something is wrong or varies, and the widget that fits it."""

from __future__ import annotations

from textual.widgets import Input

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.form.draft import title
from tui.sweep.draft import FIELDS, SweepDraft
from tui.widgets.field_row import FieldRow

EMPTY = {"name": "by date and time", "trials": "any", "minutes": "any", "jobs": "as many as make sense", "cluster": "none"}
"""What fields mean that are left empty."""


class SweepRow(FieldRow):
    DEFAULT_CSS = """
    SweepRow {
        Input {
            max-width: 60;
        }

        Choice {
            max-width: 24;
        }
    }
    """

    def __init__(self, key: str, draft: SweepDraft) -> None:
        self._draft = draft
        self._title = FIELDS[key].title if key in FIELDS else title(key)
        super().__init__(key, draft.text(key), FIELDS[key].choices if key in FIELDS else ())

    def mark(self) -> None:
        """Shows whether something is wrong, and whether the hyperparameter varies."""
        wrong, varies = self.key in self._draft.problems, self.key not in FIELDS and bool(self._draft.text(self.key))
        self.sign("!" if wrong else "•" if varies else " ", self._title, wrong=wrong, marked=varies)
        if isinstance(self.editor, Input):
            self.editor.placeholder = self._placeholder()

    def _placeholder(self) -> str:
        if self.key in HYPERPARAMETERS:
            return self._draft.fixed_text(self.key) or "none"
        return EMPTY.get(self.key, "")

    def show(self) -> None:
        """Takes the text from the draft."""
        self.take(self._draft.text(self.key))
