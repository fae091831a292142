"""Runs side by side, a column each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.events import Click
from textual.message import Message

from tui.runs.comparison import LETTERS, Row
from tui.widgets.line_table import LineTable, cell
from tui.wording import in_one_line

if TYPE_CHECKING:
    from engine.runs.summary import Summary

TITLE, CELL, GAP = (18, 30), (12, 23), 2
"""The least and the most columns of the titles and of a run, and those between two runs."""


class ComparisonTable(LineTable):
    """Has a cursor across too: a run, whose column is marked and stays in sight."""

    class Chosen(Message):
        """A run was clicked."""

    HEADING = 2
    COMPONENT_CLASSES = {f"line-table--{part}" for part in ("title", "heading", "cell", "same", "best")}
    DEFAULT_CSS = """
    ComparisonTable {
        .line-table--title, .line-table--same {
            color: $foreground-muted;
        }

        .line-table--heading {
            color: $text-primary;
            text-style: bold;
        }

        .line-table--cell {
            color: $foreground;
        }

        .line-table--best {
            color: $text-success;
            text-style: bold;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[Summary] = ()
        self._rows: Sequence[Row] = ()
        self.chosen = 0
        """The place of the run under the cursor."""
        self._first = 0
        """The first run in sight."""
        self._title, self._width, self._count = TITLE[0], CELL[0], 1
        """The widths of the titles and of a run, and how many runs there is room for."""

    def show(self, runs: Sequence[Summary], rows: Sequence[Row]) -> None:
        self._runs, self._rows = runs, rows
        self.show_rows([row.title for row in rows])
        self.choose(self.chosen)

    def choose(self, place: int) -> None:
        self.chosen = max(0, min(place, len(self._runs) - 1))
        self._lay_out()
        self._first = max(min(self._first, self.chosen, len(self._runs) - self._count), self.chosen - self._count + 1, 0)
        self.refresh()

    def _lay_out(self) -> None:
        longest = max((len(row.title) for row in self._rows), default=0)
        self._title = max(TITLE[0], min(TITLE[1], longest, self.size.width // 3))
        room = self.size.width - self._title
        self._width = max(CELL[0], min(CELL[1], room // max(1, len(self._runs)) - GAP))
        self._count = max(1, room // (self._width + GAP))

    def on_resize(self) -> None:
        self.choose(self.chosen)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x >= self._title and self._runs:
            self.choose(self._first + (offset.x - self._title) // (self._width + GAP))
            self.post_message(self.Chosen())

    # Lines

    def _in_sight(self) -> range:
        return range(self._first, min(len(self._runs), self._first + self._count))

    def heading(self, line: int) -> list[Segment]:
        hidden = len(self._runs) - len(self._in_sight())
        note = f"{hidden} more: ← →" if hidden and not line else ""
        found = [Segment(cell(note, self._title, gap=0), self._style("title"))]
        for place in self._in_sight():
            part = in_two_lines(in_one_line(self._runs[place].name), self._width - 2)[line]
            sign = "  " if line else f"{LETTERS[place]} "
            ink = Color.parse(self.app.theme_variables[f"curve-{place}"])
            style = self._style("cell") + Style(color=ink.rich_color, bold=not line)
            chosen = Style(reverse=True) if place == self.chosen else Style()
            found += [Segment(" " * GAP), Segment(cell(sign + part, self._width, gap=0), style + chosen)]
        return found

    def line(self, place: int) -> list[Segment]:
        row = self._rows[place]
        if not row.cells:
            return [Segment(row.title, self._style("heading"))]
        found = [Segment(cell(row.title, self._title, gap=0), self._style("title"))]
        for run in self._in_sight():
            is_best = run in row.best
            part = "best" if is_best else "cell" if row.differs else "same"
            style = self._style(part) + (Style(bold=True) if run == self.chosen else Style())
            text = f"{row.cells[run]}{' ★' if is_best else ''}"
            found += [Segment(" " * GAP), Segment(cell(text, self._width, gap=0), style)]
        return found


def in_two_lines(name: str, width: int) -> tuple[str, str]:
    """A name, the second line from a hyphen or the like on, where there is one in time."""
    if len(name) <= width:
        return name, ""
    breaks = [place for place in range(1, width) if name[place - 1] in "-_ ."]
    place = breaks[-1] if breaks and len(name) - breaks[-1] <= width else width
    return name[:place], name[place:]
