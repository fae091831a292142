"""A table that is ordered by a column, and whose columns can be scrolled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from rich.segment import Segment

from tui.columns import Column, Entry, fitting
from tui.widgets.line_table import LineTable, cell

MARK, GAP = 2, 1
"""Columns of the mark before a row, and between two columns."""


class ColumnTable(LineTable, Generic[Entry]):
    """``column`` is the number of that which the order is by. The first ``fixed`` ones stay in sight."""

    COMPONENT_CLASSES = {f"line-table--{part}" for part in ("heading", "sorted", "running", "failed")}
    DEFAULT_CSS = """
    ColumnTable {
        .line-table--heading {
            color: $foreground-muted;
        }

        .line-table--sorted {
            color: $text-accent;
            text-style: bold;
        }

        .line-table--running {
            color: $text-primary;
        }

        .line-table--failed {
            color: $text-error;
        }
    }
    """

    def __init__(self, columns: Sequence[Column[Entry]], fixed: int, column: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = columns
        self.column, self.is_reversed = column, False
        self._fixed = self._first = fixed
        """``_first`` is the first of the columns that are scrolled."""

    def sort(self) -> None:
        """Puts the rows in their order."""
        raise NotImplementedError

    def sort_by(self, column: int) -> None:
        """By another column; by the same one, the other way round."""
        column %= len(self.columns)
        self.is_reversed = column == self.column and not self.is_reversed
        self.column = column
        self._bring_in_sight(column)
        self.sort()

    @property
    def arrow(self) -> str:
        """Which way the order goes."""
        return "▼" if self.columns[self.column].falls != self.is_reversed else "▲"

    # Which columns are in sight

    def _bring_in_sight(self, column: int) -> None:
        if column >= self._fixed:
            self._first = min(self._first, column)
            while column not in self._scrolled:
                self._first += 1

    @property
    def _beside(self) -> int:
        """Columns of what stands between those that stay in sight and those that are scrolled."""
        return 0

    @property
    def _scrolled(self) -> list[int]:
        """The columns that are scrolled, as many as there is room for, but one at the least."""
        fixed = MARK + sum(self._width(number, 0) + GAP for number in range(self._fixed)) + self._beside
        return fitting(self.columns, self._first, self.size.width - fixed, GAP)

    @property
    def hidden(self) -> int:
        """How many columns there is no room for."""
        return len(self.columns) - self._fixed - len(self._scrolled)

    def _width(self, number: int, begin: int) -> int:
        """Of a column that begins there."""
        return self.columns[number].width

    def _laid_out(self) -> list[tuple[int, int, int]]:
        """The columns in sight, where they begin, and how wide they are."""
        found, x = [], MARK
        for number in (*range(self._fixed), *self._scrolled):
            x += self._beside if number == self._first else 0
            width = self._width(number, x)
            found.append((number, x, width))
            x += width + GAP
        return found

    def heads(self) -> list[tuple[int, int]]:
        """The columns in sight, and where they begin."""
        return [(number, begin) for number, begin, _ in self._laid_out()]

    def head_clicked(self, x: int) -> None:
        for number, begin, width in self._laid_out():
            if begin <= x < begin + width + GAP:
                self.post_message(self.Headed(number))

    # Lines

    def _title(self, number: int, line: int) -> str:
        """A line of a column's heading."""
        return self.columns[number].title

    def _head(self, number: int, width: int, line: int) -> Segment:
        text, is_sorted = self._title(number, line), number == self.column
        if is_sorted and line == self.HEADING - 1:
            text = f"{text[: width - 1]}{self.arrow}"
        return Segment(cell(text, width, self.columns[number].is_text, GAP), self._style("sorted" if is_sorted else "heading"))

    def _cell(self, item: Entry, number: int, width: int) -> str:
        column = self.columns[number]
        return cell(column.text(item), width, column.is_text, GAP)
