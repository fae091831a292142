"""A group of fields under a title; its rows are made when it is opened first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.widgets import Collapsible

from tui.widgets.field_row import FieldRow

Row = TypeVar("Row", bound=FieldRow)


class FieldGroup(Collapsible, Generic[Row]):
    DEFAULT_CSS = """
    FieldGroup {
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

    def __init__(self, keys: Sequence[str], *, opened: bool) -> None:
        self.keys = keys
        self.rows: list[Row] = [self.make_row(key) for key in keys] if opened else []
        super().__init__(*self.rows, title=self.heading(), collapsed=not opened, collapsed_symbol="▸", expanded_symbol="▾")

    def make_row(self, key: str) -> Row:
        raise NotImplementedError

    def heading(self) -> str:
        """Its name, and what is to be known of its fields."""
        raise NotImplementedError

    def on_collapsible_expanded(self) -> None:
        if not self.rows:
            self.rows = [self.make_row(key) for key in self.keys]
            self.query_one(Collapsible.Contents).mount_all(self.rows)

    def go_to(self, key: str) -> None:
        """Opens, and gives a field the focus."""
        self.collapsed = False
        self.call_after_refresh(lambda: self.rows[self.keys.index(key)].editor.focus())

    def mark(self) -> None:
        """Shows what is to be known, on the title and on the rows."""
        self.title = self.heading()
        for row in self.rows:
            row.mark()
