"""All runs, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment

from tui.runs.columns import COLUMNS, NAME, NOTE, STARTED, name_width, ordered
from tui.widgets.column_table import MARK, ColumnTable

if TYPE_CHECKING:
    from engine.runs.summary import Summary

STYLES = {"running": "running", "failed": "failed", "interrupted": "interrupted", "unreadable": "failed"}
"""Of states."""


class RunTable(ColumnTable["Summary"]):
    """The name stays in sight."""

    COMPONENT_CLASSES = {f"line-table--{part}" for part in ("mark", "name", "interrupted", "note")}
    DEFAULT_CSS = """
    RunTable {
        .line-table--note {
            color: $foreground-muted;
        }

        .line-table--mark {
            color: $text-accent;
            text-style: bold;
        }

        .line-table--name {
            color: $foreground;
        }

        .line-table--interrupted {
            color: $text-warning;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(COLUMNS, fixed=1, column=COLUMNS.index(STARTED))
        self._runs: list[Summary] = []
        self._name_width = NAME.width

    # What is shown

    def show(self, runs: Sequence[Summary]) -> None:
        self._runs = ordered(runs, COLUMNS[self.column], self.is_reversed)
        self._name_width = name_width(self._runs)
        self.show_rows([run.path for run in self._runs])

    def sort(self) -> None:
        self.show(self._runs)
        self._reveal()

    @property
    def runs(self) -> list[Summary]:
        """In their order."""
        return self._runs

    @property
    def run(self) -> Summary | None:
        """The one under the cursor."""
        return self._runs[self._place] if self._runs else None

    @property
    def order(self) -> str:
        """What the order is by, in words."""
        return f"{COLUMNS[self.column].words} {self.arrow}"

    # Columns

    def scroll_columns(self, by: int) -> None:
        """So many columns further, until the last is in sight."""
        last = len(COLUMNS) - 1
        if by < 0 or last not in self._scrolled:
            self._first = max(self._fixed, min(last, self._first + by))
        self.refresh()

    def _width(self, number: int, begin: int) -> int:
        """The name's is that of the longest; a note takes what is left."""
        if COLUMNS[number] is NAME:
            return self._name_width
        return max(NOTE.width, self.size.width - begin) if COLUMNS[number] is NOTE else COLUMNS[number].width

    # Lines

    def heading(self, line: int) -> list[Segment]:
        before = Segment(("←" if self._first > self._fixed else "").ljust(MARK), self._style("sorted"))
        return [before, *(self._head(number, width, line) for number, _, width in self._laid_out())]

    def line(self, place: int) -> list[Segment]:
        run = self._runs[place]
        cells = (Segment(self._cell(run, number, width), self._style(self._part(run, number))) for number, _, width in self._laid_out())
        return [Segment("● " if run.is_marked else "  ", self._style("mark")), *cells]

    def _part(self, run: Summary, column: int) -> str:
        if run.is_marked and COLUMNS[column] is NAME:
            return "mark"
        if COLUMNS[column].title == "state" or run.state == "unreadable":
            return STYLES.get(run.state, "name")
        return "note" if COLUMNS[column] is NOTE else "name"
