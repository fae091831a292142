"""The trials of a sweep, a line each. Of thousands, only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.segment import Segment
from rich.style import Style

from engine.sweep.results import Row
from engine.sweep.space import Space
from tui.sweep.sparkline import Scale
from tui.sweep.trial_columns import FIXED, VALUE, columns, ordered, two_lines
from tui.widgets.column_table import GAP, MARK, ColumnTable

SHORTEST_CURVE, LONGEST_CURVE = 5, 12
"""Columns of a learning curve, one an epoch if there is room."""
STYLES = {"running": "running", "pruned": "faint", "waiting": "faint", "failed": "failed"}
"""Of states."""


class TrialTable(ColumnTable[Row]):
    """Number, state and accuracy stay in sight; beside them is the learning curve."""

    HEADING = 2
    COMPONENT_CLASSES = {f"line-table--{part}" for part in ("faint", "best", "curve")}
    DEFAULT_CSS = """
    TrialTable {
        .line-table--faint {
            color: $foreground-muted;
            text-style: dim;
        }

        .line-table--best {
            color: $text-accent;
            text-style: bold;
        }

        .line-table--curve {
            color: $train;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(FIXED, fixed=len(FIXED), column=FIXED.index(VALUE), id=id)
        self._rows: list[Row] = []
        self._by_trial: Mapping[int, Row] = {}
        self._scale = Scale(())
        self._scaled = -1
        """How many trials had ended when the scale was made."""
        self._best: int | None = None
        self._curve = SHORTEST_CURVE
        self._awaited: int | None = None
        """A trial to point at as soon as it is there."""

    # What is shown

    def begin(self, spaces: dict[str, Space], epochs: int) -> None:
        """Another sweep, whose trials have at most so many epochs."""
        self._curve = max(SHORTEST_CURVE, min(LONGEST_CURVE, epochs))
        self.columns, self._first, self._scaled, self._awaited = columns(spaces), self._fixed, -1, None
        self.column, self.is_reversed = FIXED.index(VALUE), False
        self._is_moved = False

    def show(self, rows: Mapping[int, Row], best: int | None, ended: int) -> None:
        """The trials, by their numbers, the one that is marked, and how many have ended."""
        self._by_trial, self._best = rows, best
        if ended != self._scaled:
            self._scaled, self._scale = ended, Scale(row.curve for row in rows.values())
        self._order()

    def _order(self) -> None:
        self._rows = ordered(self._by_trial.values(), self.columns[self.column], self.is_reversed)
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
        return self.columns[self.column].title

    # The cursor and the order

    def point_at(self, trial: int) -> None:
        if trial in self._places:
            self._awaited = None
            self.go_to(self._places[trial])
        else:
            self._awaited = trial

    def sort(self) -> None:
        self._order()
        self.post_message(self.Moved())

    # Lines

    @property
    def _beside(self) -> int:
        return self._curve + GAP

    def _title(self, number: int, line: int) -> str:
        return two_lines(self.columns[number].title)[line]

    def _with_curve(self, cells: Iterable[Segment], curve: Segment) -> list[Segment]:
        """Where there is a column after it."""
        found = list(cells)
        return [*found[: self._fixed], curve, *found[self._fixed :]] if len(found) > self._fixed else found

    def heading(self, line: int) -> list[Segment]:
        plain = self._style("heading")
        heads = (self._head(number, width, line) for number, _, width in self._laid_out())
        return [Segment(" " * MARK, plain), *self._with_curve(heads, Segment(("curve" if line else "").ljust(self._beside), plain))]

    def line(self, place: int) -> list[Segment]:
        row = self._rows[place]
        is_best = row.trial == self._best
        name = "best" if is_best else STYLES.get(row.state)
        style = self._style(name) if name else Style()
        cells = (Segment(self._cell(row, number, width), style) for number, _, width in self._laid_out())
        text = self._scale.draw(row.curve, self._curve).ljust(self._beside)
        curve = Segment(text, style if name in ("faint", "failed") else self._style("curve"))
        found = [Segment("★ " if is_best else "  ", style), *self._with_curve(cells, curve)]
        if place == self._place:  # all of it has the cursor's ink
            return [Segment(text, style and style.without_color) for text, style, _ in found]
        return found
