"""One hyperparameter: its name, whether it differs from the preset, and the widget that fits its kind."""

from __future__ import annotations

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.form.draft import Draft, title
from tui.widgets.field_row import FieldRow


class HyperparameterRow(FieldRow):
    def __init__(self, key: str, draft: Draft) -> None:
        hyperparameter = HYPERPARAMETERS[key]
        self._draft = draft
        super().__init__(key, draft.text(key), ("true", "false") if hyperparameter.kind == "bool" else hyperparameter.choices)

    def mark(self) -> None:
        """Shows whether the value is changed, wrong, or yet to be told to the run."""
        wrong, changed = self.key in self._draft.problems, self._draft.is_changed(self.key)
        sign = "!" if wrong else "→" if self.key in self._draft.untold else "•" if changed else " "
        self.sign(sign, title(self.key), wrong=wrong, marked=changed)

    def show(self) -> None:
        """Takes the value from the draft."""
        self.take(self._draft.text(self.key))
