"""The trials of a sweep, a line each. Of thousands, only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.sweep.results import Row
from engine.sweep.space import Space
from tui.sparkline import Scale
from tui.trial_columns import FIXED, VALUE, Column, columns, ordered, room

HEADING = 2
"""Lines."""
MARK, GAP = 2, 1
"""Columns of the mark of the best trial, and between two columns."""
SHORTEST_CURVE, LONGEST_CURVE = 5, 12
"""Columns of a learning curve, one an epoch if there is room."""
STYLES = {"running": "running", "pruned": "faint", "waiting": "faint", "failed": "failed"}
"""Of states."""


class TrialTable(ScrollView, can_focus=False):
    """Has a cursor: a trial, which it stays on when others come and the order changes. ``column`` is what the order is by."""

    class Moved(Message):
        """The cursor is on another trial."""

    class Headed(Message):
        """A heading was clicked."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"trial-table--{part}" for part in ("heading", "sorted", "faint", "running", "failed", "best", "curve", "cursor")}
    DEFAULT_CSS = """
    TrialTable {
        height: 1fr;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;

        .trial-table--heading {
            color: $foreground-muted;
        }

        .trial-table--sorted {
            color: $text-accent;
            text-style: bold;
        }

        .trial-table--faint {
            color: $foreground-muted;
            text-style: dim;
        }

        .trial-table--running {
            color: $text-primary;
        }

        .trial-table--failed {
            color: $text-error;
        }

        .trial-table--best {
            color: $text-accent;
            text-style: bold;
        }

        .trial-table--curve {
            color: $train;
        }

        .trial-table--cursor {
            color: $selected-ink;
            background: $selected;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.column, self.is_reversed = FIXED.index(VALUE), False
        self._columns: list[Column] = [*FIXED]
        self._rows: list[Row] = []
        self._by_trial: Mapping[int, Row] = {}
        self._scale = Scale(())
        self._scaled = -1
        self._best: int | None = None
        self._curve = SHORTEST_CURVE
        self._first = len(FIXED)
        """The first of the columns that are scrolled."""
        self._cursor: int | None = None

    # What is shown

    def begin(self, spaces: dict[str, Space], epochs: int) -> None:
        """Another sweep, whose trials have at most so many epochs."""
        self._curve = max(SHORTEST_CURVE, min(LONGEST_CURVE, epochs))
        self._columns, self._cursor, self._first, self._scaled = columns(spaces), None, len(FIXED), -1
        self.column, self.is_reversed = FIXED.index(VALUE), False

    def show(self, rows: Mapping[int, Row], best: int | None, ended: int) -> None:
        """The trials, by their numbers, the one that is marked, and how many have ended."""
        self._by_trial, self._best = rows, best
        if ended != self._scaled:
            self._scaled, self._scale = ended, Scale(row.curve for row in rows.values())
        self._order()

    def _order(self) -> None:
        before = self._place
        self._rows = ordered(self._by_trial.values(), self._columns[self.column], self.is_reversed)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows) + HEADING)
        if before and self._place != before:  # a cursor that was moved stays in sight, wherever its trial has gone
            self._reveal()
        self.refresh()

    @property
    def trial(self) -> int | None:
        """The one under the cursor; the first while the cursor was not moved."""
        if self._cursor in self._by_trial:
            return self._cursor
        return self._rows[0].trial if self._rows else None

    @property
    def _place(self) -> int:
        """The line of the cursor."""
        if self._cursor not in self._by_trial:
            return 0
        return next((place for place, row in enumerate(self._rows) if row.trial == self._cursor), 0)

    @property
    def heading(self) -> str:
        """What the order is by, in words."""
        return " ".join(filter(None, self._columns[self.column].title))

    @property
    def hidden(self) -> int:
        """How many columns there is no room for."""
        return len(self._columns) - len(FIXED) - len(self._shown())

    # The cursor and the order

    def move(self, by: int) -> None:
        self._go_to(self._place + by)

    def move_page(self, by: int) -> None:
        self._go_to(self._place + by * max(1, self.size.height - HEADING))

    def move_to_end(self, last: bool) -> None:
        self._go_to(len(self._rows) - 1 if last else 0)

    def point_at(self, trial: int) -> None:
        self._cursor = trial
        self._reveal()

    def _go_to(self, place: int) -> None:
        if self._rows:
            self.point_at(self._rows[max(0, min(len(self._rows) - 1, place))].trial)

    def _reveal(self) -> None:
        place = self._place
        top, visible = round(self.scroll_y), max(1, self.size.height - HEADING)
        if not top <= place < top + visible:
            y = place if place < top else place - visible + 1
            self.scroll_to(y=y, animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def sort_by(self, column: int) -> None:
        """By another column; by the same one, the other way round."""
        column %= len(self._columns)
        self.is_reversed = column == self.column and not self.is_reversed
        self.column = column
        self._bring_in_sight(column)
        self._order()
        self.post_message(self.Moved())

    def _bring_in_sight(self, column: int) -> None:
        if column < len(FIXED):
            return
        self._first = min(self._first, column)
        while column not in self._shown():
            self._first += 1

    def _shown(self) -> list[int]:
        """The columns that are scrolled, as many as there is room for."""
        fixed = MARK + sum(column.width + GAP for column in FIXED) + self._curve + GAP
        return room(self._columns, self._first, self.size.width - fixed + GAP, GAP)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y >= HEADING:
            place = offset.y - HEADING + round(self.scroll_y)
            if place < len(self._rows):
                self._go_to(place)
            return
        for number, begin in self._begun():
            if begin <= offset.x < begin + self._columns[number].width + GAP:
                self.post_message(self.Headed(number))

    def _begun(self) -> list[tuple[int, int]]:
        """The columns in sight, and where they begin."""
        found, x = [], MARK
        for number in range(len(FIXED)):
            found.append((number, x))
            x += self._columns[number].width + GAP
        x += self._curve + GAP
        for number in self._shown():
            found.append((number, x))
            x += self._columns[number].width + GAP
        return found

    def on_resize(self) -> None:
        self._first = min(self._first, len(self._columns) - 1)
        self.refresh()

    # Lines

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y < HEADING:
            return Strip(self._heading(y)).adjust_cell_length(width, self.rich_style)
        place = y - HEADING + round(self.scroll_y)
        if place >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[place]
        behind = self.get_component_rich_style("trial-table--cursor") if row.trial == self.trial else Style()
        line = [Segment(segment.text, (segment.style or Style()) + behind) for segment in self._line(row)]
        return Strip(line).adjust_cell_length(width, self.rich_style + behind)

    def _heading(self, line: int) -> list[Segment]:
        plain, marked = (self.get_component_rich_style(f"trial-table--{name}") for name in ("heading", "sorted"))
        found = [Segment(" " * MARK, plain)]
        for number in [*range(len(FIXED)), *self._shown()]:
            if number == self._first:
                found.append(Segment(("curve" if line else "").ljust(self._curve + GAP), plain))
            column = self._columns[number]
            text = column.title[line]
            if number == self.column and line == HEADING - 1:
                text = f"{text[: column.width - 1]}{'▼' if column.falls != self.is_reversed else '▲'}"
            found.append(Segment(_placed(text, column), marked if number == self.column else plain))
        return found

    def _line(self, row: Row) -> list[Segment]:
        is_best = row.trial == self._best
        name = "best" if is_best else STYLES.get(row.state)
        style = self.get_component_rich_style(f"trial-table--{name}") if name else self.rich_style
        curve = style if name in ("faint", "failed") else self.get_component_rich_style("trial-table--curve")
        found = [Segment("★ " if is_best else "  ", style)]
        for number in [*range(len(FIXED)), *self._shown()]:
            if number == self._first:
                found.append(Segment(self._scale.draw(row.curve, self._curve).ljust(self._curve + GAP), curve))
            found.append(Segment(_placed(self._columns[number].text(row), self._columns[number]), style))
        return found


def _placed(text: str, column: Column) -> str:
    """In its column, numbers to the right."""
    text = text if len(text) <= column.width else f"{text[: column.width - 1]}…"
    return (text.ljust(column.width) if column.is_text else text.rjust(column.width)) + " " * GAP
