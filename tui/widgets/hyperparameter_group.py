"""A group of hyperparameters under a title; its rows are made when it is opened first."""

from __future__ import annotations

from textual.widgets import Collapsible

from engine.hyperparameter_table import HYPERPARAMETERS
from tui.draft import Draft
from tui.widgets.hyperparameter_row import HyperparameterRow

GROUPS = tuple(dict.fromkeys(leaf.group for leaf in HYPERPARAMETERS.values()))


class HyperparameterGroup(Collapsible):
    DEFAULT_CSS = """
    HyperparameterGroup {
        height: auto;
        border: none;
        padding: 0;
        background: transparent;

        &:focus-within {
            background-tint: transparent;
        }

        &:ansi {
            border: none;
            background: transparent;
        }

        CollapsibleTitle {
            width: 1fr;
            padding: 0;
            text-style: bold;
        }

        Contents {
            padding: 0 0 0 1;
        }
    }
    """

    def __init__(self, group: str, draft: Draft, *, opened: bool) -> None:
        self.group = group
        self._draft = draft
        self._keys = [leaf.key for leaf in HYPERPARAMETERS.values() if leaf.group == group]
        rows = self._make_rows() if opened else []
        super().__init__(*rows, title=self._heading(), collapsed=not opened, collapsed_symbol="▸", expanded_symbol="▾")

    def _make_rows(self) -> list[HyperparameterRow]:
        self.rows = [HyperparameterRow(key, self._draft) for key in self._keys]
        return self.rows

    rows: list[HyperparameterRow] = []

    def on_collapsible_expanded(self) -> None:
        if not self.rows:
            self.query_one(Collapsible.Contents).mount_all(self._make_rows())

    def row(self, key: str) -> HyperparameterRow:
        """Of a group that was opened."""
        return self.rows[self._keys.index(key)]

    def _heading(self) -> str:
        changed, wrong = (sum(map(test, self._keys)) for test in (self._draft.is_changed, self._draft.problems.__contains__))
        signs = (f"  {wrong} wrong" if wrong else "") + (f"  • {changed} changed" if changed else "")
        return self.group.replace("_", " ").capitalize() + signs

    def mark(self) -> None:
        """Shows what is changed or wrong, on the title and on the rows."""
        self.title = self._heading()
        for row in self.rows:
            row.mark()

    def show(self) -> None:
        """Takes the values from the draft."""
        self.title = self._heading()
        for row in self.rows:
            row.show()
