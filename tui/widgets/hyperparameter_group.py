"""A group of hyperparameters under its name."""

from __future__ import annotations

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.form.draft import Draft
from tui.widgets.field_group import FieldGroup
from tui.widgets.hyperparameter_row import HyperparameterRow

GROUPS = tuple(dict.fromkeys(leaf.group for leaf in HYPERPARAMETERS.values()))


class HyperparameterGroup(FieldGroup[HyperparameterRow]):
    def __init__(self, group: str, draft: Draft, *, opened: bool) -> None:
        self.group, self._draft = group, draft
        super().__init__([leaf.key for leaf in HYPERPARAMETERS.values() if leaf.group == group], opened=opened)

    def make_row(self, key: str) -> HyperparameterRow:
        return HyperparameterRow(key, self._draft)

    def row(self, key: str) -> HyperparameterRow:
        """Of a group that was opened."""
        return self.rows[self.keys.index(key)]

    def heading(self) -> str:
        changed, wrong = (sum(map(test, self.keys)) for test in (self._draft.is_changed, self._draft.problems.__contains__))
        signs = (f"  {wrong} wrong" if wrong else "") + (f"  • {changed} changed" if changed else "")
        return self.group.replace("_", " ").capitalize() + signs

    def show(self) -> None:
        """Takes the values from the draft."""
        self.title = self.heading()
        for row in self.rows:
            row.show()
