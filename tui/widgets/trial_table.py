"""The trials of a sweep, a line each. Of thousands, only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style

from engine.sweep.results import Row
from engine.sweep.space import Space
from tui.sparkline import Scale
from tui.trial_columns import FIXED, VALUE, Column, columns, ordered, room
from tui.widgets.line_table import LineTable, cell

MARK, GAP = 2, 1
"""Columns of the mark of the best trial, and between two columns."""
SHORTEST_CURVE, LONGEST_CURVE = 5, 12
"""Columns of a learning curve, one an epoch if there is room."""
STYLES = {"running": "running", "pruned": "faint", "waiting": "faint", "failed": "failed"}
"""Of states."""


class TrialTable(LineTable):
    """``column`` is what the order is by."""

    HEADING = 2
    COMPONENT_CLASSES = {f"trial-table--{part}" for part in ("heading", "sorted", "faint", "running", "failed", "best", "curve", "cursor")}
    DEFAULT_CSS = """
    TrialTable {
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
        self._awaited: int | None = None
        """A trial to point at as soon as it is there."""

    # What is shown

    def begin(self, spaces: dict[str, Space], epochs: int) -> None:
        """Another sweep, whose trials have at most so many epochs."""
        self._curve = max(SHORTEST_CURVE, min(LONGEST_CURVE, epochs))
        self._columns, self._first, self._scaled, self._awaited = columns(spaces), len(FIXED), -1, None
        self.column, self.is_reversed = FIXED.index(VALUE), False
        self._is_moved = False

    def show(self, rows: Mapping[int, Row], best: int | None, ended: int) -> None:
        """The trials, by their numbers, the one that is marked, and how many have ended."""
        self._by_trial, self._best = rows, best
        if ended != self._scaled:
            self._scaled, self._scale = ended, Scale(row.curve for row in rows.values())
        self._order()

    def _order(self) -> None:
        self._rows = ordered(self._by_trial.values(), self._columns[self.column], self.is_reversed)
        self.show_rows([row.trial for row in self._rows])
        if self._awaited is not None and self._awaited in self._places:
            self.point_at(self._awaited)

    @property
    def trial(self) -> int | None:
        """The one under the cursor; the first while the cursor was not moved."""
        return self._rows[self._place].trial if self._rows else None

    @property
    def order(self) -> str:
        """What the order is by, in words."""
        return " ".join(filter(None, self._columns[self.column].title))

    @property
    def hidden(self) -> int:
        """How many columns there is no room for."""
        return len(self._columns) - len(FIXED) - len(self._shown())

    # The cursor and the order

    def point_at(self, trial: int) -> None:
        if trial in self._places:
            self._awaited = None
            self.go_to(self._places[trial])
        else:
            self._awaited = trial

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

    def head_clicked(self, x: int) -> None:
        for number, begin in self._begun():
            if begin <= x < begin + self._columns[number].width + GAP:
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

    # Lines

    @property
    def cursor_style(self) -> Style:
        return self._style("cursor")

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"trial-table--{part}", partial=True)

    def heading(self, line: int) -> list[Segment]:
        plain, marked = self._style("heading"), self._style("sorted")
        found = [Segment(" " * MARK, plain)]
        for number in [*range(len(FIXED)), *self._shown()]:
            if number == self._first:
                found.append(Segment(("curve" if line else "").ljust(self._curve + GAP), plain))
            column = self._columns[number]
            text = column.title[line]
            if number == self.column and line == self.HEADING - 1:
                text = f"{text[: column.width - 1]}{'▼' if column.falls != self.is_reversed else '▲'}"
            found.append(Segment(cell(text, column.width, column.is_text, GAP), marked if number == self.column else plain))
        return found

    def line(self, place: int) -> list[Segment]:
        row = self._rows[place]
        is_best = row.trial == self._best
        name = "best" if is_best else STYLES.get(row.state)
        style = self._style(name) if name else Style()
        curve = style if name in ("faint", "failed") else self._style("curve")
        found = [Segment("★ " if is_best else "  ", style)]
        for number in [*range(len(FIXED)), *self._shown()]:
            column = self._columns[number]
            if number == self._first:
                found.append(Segment(self._scale.draw(row.curve, self._curve).ljust(self._curve + GAP), curve))
            found.append(Segment(cell(column.text(row), column.width, column.is_text, GAP), style))
        if place == self._place:  # all of it has the cursor's ink
            return [Segment(text, style and style.without_color) for text, style, _ in found]
        return found
