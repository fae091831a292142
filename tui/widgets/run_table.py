"""All runs, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tui.run_columns import COLUMNS, NAME, NOTE, STARTED, name_width, ordered
from tui.widgets.line_table import LineTable, cell

if TYPE_CHECKING:
    from engine.runs import Summary

MARK, GAP = 2, 1
"""Columns of the mark, and between two columns."""
STYLES = {"running": "running", "failed": "failed", "interrupted": "interrupted", "unreadable": "failed"}
"""Of states."""


class RunTable(LineTable):
    """``column`` is what the order is by; the first column stays in sight, the others can be scrolled."""

    PARTS = ("heading", "sorted", "mark", "name", "running", "failed", "interrupted", "note", "cursor")
    COMPONENT_CLASSES = {f"run-table--{part}" for part in PARTS}
    DEFAULT_CSS = """
    RunTable {
        .run-table--heading, .run-table--note {
            color: $foreground-muted;
        }

        .run-table--sorted, .run-table--mark {
            color: $text-accent;
            text-style: bold;
        }

        .run-table--name {
            color: $foreground;
        }

        .run-table--running {
            color: $text-primary;
        }

        .run-table--interrupted {
            color: $text-warning;
        }

        .run-table--failed {
            color: $text-error;
        }

        .run-table--cursor {
            background: $selected;
            color: $selected-ink;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.column, self.is_reversed = COLUMNS.index(STARTED), False
        self._runs: list[Summary] = []
        self._first = 1
        """The first of the columns that are scrolled."""
        self._name_width = NAME.width

    # What is shown

    def show(self, runs: Sequence[Summary]) -> None:
        self._runs = ordered(runs, COLUMNS[self.column], self.is_reversed)
        self._name_width = name_width(self._runs)
        self.show_rows([run.path for run in self._runs])

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
        return f"{COLUMNS[self.column].words} {self._arrow}"

    @property
    def _arrow(self) -> str:
        return "▼" if COLUMNS[self.column].falls != self.is_reversed else "▲"

    def sort_by(self, column: int) -> None:
        """By another column; by the same one, the other way round."""
        column %= len(COLUMNS)
        self.is_reversed = column == self.column and not self.is_reversed
        self.column = column
        self._bring_in_sight(column)
        self.show(self._runs)
        self._reveal()

    # Columns

    def scroll_columns(self, by: int) -> None:
        """So many columns further, until the last is in sight."""
        last = len(COLUMNS) - 1
        if by < 0 or last not in self._shown():
            self._first = max(1, min(last, self._first + by))
        self.refresh()

    def _bring_in_sight(self, column: int) -> None:
        if column:
            self._first = min(self._first, column)
            while column not in self._shown():
                self._first += 1

    def _width(self, column: int) -> int:
        return self._name_width if column == 0 else COLUMNS[column].width

    def _shown(self) -> list[int]:
        """The columns that are scrolled, as many as there is room for, but one at the least."""
        room = self.size.width - MARK - self._name_width
        found: list[int] = []
        for column in range(self._first, len(COLUMNS)):
            room -= self._width(column) + GAP
            if room < 0 and found:
                break
            found.append(column)
        return found

    def _laid_out(self) -> list[tuple[int, int, int]]:
        """The columns in sight, where they begin, and how wide they are: a note takes what is left."""
        found, x = [], MARK
        for column in (0, *self._shown()):
            width = self._width(column)
            if COLUMNS[column] is NOTE:
                width = max(width, self.size.width - x)
            found.append((column, x, width))
            x += width + GAP
        return found

    def heads(self) -> list[tuple[int, int]]:
        """The columns in sight, and where they begin."""
        return [(column, begin) for column, begin, _ in self._laid_out()]

    def head_clicked(self, x: int) -> None:
        for column, begin, width in self._laid_out():
            if begin <= x < begin + width + GAP:
                self.post_message(self.Headed(column))

    def on_resize(self) -> None:
        self._bring_in_sight(self._first)
        super().on_resize()

    # Lines

    @property
    def cursor_style(self) -> Style:
        return self.get_component_rich_style("run-table--cursor", partial=True)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"run-table--{part}", partial=True)

    def heading(self, line: int) -> list[Segment]:
        laid_out = self._laid_out()
        plain, marked = self._style("heading"), self._style("sorted")
        found = [Segment(("←" if self._first > 1 else "").ljust(MARK), marked)]
        for column, _, width in laid_out:
            title, is_text = COLUMNS[column].title, COLUMNS[column].is_text
            if column == self.column:
                title = f"{title[: width - 1]}{self._arrow}" if is_text or len(title) >= width else f"{title}{self._arrow}"
            found.append(Segment(cell(title, width, is_text, GAP), marked if column == self.column else plain))
        return found

    def line(self, place: int) -> list[Segment]:
        run = self._runs[place]
        found = [Segment("● " if run.is_marked else "  ", self._style("mark"))]
        for column, _, width in self._laid_out():
            item = COLUMNS[column]
            found.append(Segment(cell(item.text(run), width, item.is_text, GAP), self._style(self._part(run, column))))
        return found

    def _part(self, run: Summary, column: int) -> str:
        if run.is_marked and column == 0:
            return "mark"
        if COLUMNS[column].title == "state" or run.state == "unreadable":
            return STYLES.get(run.state, "name")
        return "note" if COLUMNS[column] is NOTE else "name"
