"""How often each class was taken for each other: a table whose shades follow its counts, with a cursor.

Where there is no room for all of it, a part around the cursor is shown, with its names.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.cells import cropped, flush_right
from tui.widgets import mixing
from tui.widgets.resized import Resized

CELL = 5
"""Columns of a count."""
STRONGEST = 0.75
FAINT = 0.45
"""How much of the ink is in what counts nothing."""
MARKED = Style(bold=True, reverse=True)
NAME = 14
"""The most columns of a target's name."""
BESIDES, FEWEST = 9, 3
"""Lines of the screen that are not the table's, and rows of it that are shown in any case."""


class ConfusionMatrix(Widget):
    """Rows are the targets, columns the predictions. The cursor starts on the most frequent miss."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"confusion-matrix--label"}
    DEFAULT_CSS = """
    ConfusionMatrix {
        height: auto;

        .confusion-matrix--label {
            color: $foreground-muted;
        }
    }
    """

    class Moved(Message):
        """The cursor went to the cell that was clicked."""

    cursor: reactive[tuple[int, int]] = reactive((0, 0))
    """Target and prediction of the cell that is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: Sequence[Sequence[int]] = ()
        self._names: Sequence[str] = ()
        self._heads: Sequence[str] = ()
        """The same for the columns, where there is less room."""
        self._first = (0, 0)
        """The row and the column shown first."""
        self._worst = 0
        """How often the most frequent miss happened."""

    def show(self, counts: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
        """``counts[target][prediction]``."""
        is_first = len(counts) != len(self._counts)
        self._counts = counts
        self._names, self._heads = names(classes)
        misses = {(row, column): counts[row][column] for row in range(len(counts)) for column in range(len(counts)) if row != column}
        worst = max(misses, key=lambda place: misses[place])
        self._worst = misses[worst]
        if is_first:
            self.cursor = worst
        self.refresh(layout=True)

    @property
    def full_width(self) -> int:
        """Columns of the whole table."""
        return self._margin + CELL * len(self._names)

    @property
    def _room(self) -> tuple[int, int]:
        """Rows and columns that are shown."""
        return max(1, self.size.height - 1), max(1, (self.size.width - self._margin) // CELL)

    @property
    def part(self) -> str:
        """Which rows and columns are shown, in words; empty where it is all of them."""
        count = len(self._counts)
        shown = [
            f"{name} {begin + 1} to {min(count, begin + room)}"
            for name, begin, room in zip(("rows", "columns"), self._begin(), self._room, strict=True)
            if room < count
        ]
        return f"{', '.join(shown)} of {count}" if shown else ""

    def _begin(self) -> tuple[int, int]:
        """The row and the column shown first, so that the cursor is among them."""
        count = len(self._counts)
        row, column = (
            max(0, min(max(first, place - room + 1), place, count - room))
            for first, place, room in zip(self._first, self.cursor, self._room, strict=True)
        )
        self._first = row, column
        return self._first

    def move(self, down: int, right: int) -> None:
        """The cursor, by that many cells, around the edges."""
        if self._counts:
            row, column = self.cursor
            self.cursor = ((row + down) % len(self._counts), (column + right) % len(self._counts))

    @property
    def count(self) -> int:
        """What the cell at the cursor says."""
        row, column = self.cursor
        return self._counts[row][column] if self._counts else 0

    def on_resize(self) -> None:
        self.post_message(Resized())

    def on_click(self, event: Click) -> None:
        down, right = event.y - 1, (event.x - self._margin) // CELL
        (row, column), (rows, columns) = self._begin(), self._room
        if 0 <= down < min(rows, len(self._counts)) and 0 <= right < min(columns, len(self._counts)):
            self.cursor = (row + down, column + right)
            self.post_message(self.Moved())

    @property
    def _margin(self) -> int:
        return max((cell_len(name) for name in self._names), default=0) + 1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return min(len(self._counts), max(FEWEST, self.screen.size.height - BESIDES)) + 1 if self._counts else 0

    def render_line(self, y: int) -> Strip:
        (row, first), (_, columns) = self._begin(), self._room
        places = range(first, min(first + columns, len(self._counts)))
        if y == 0:
            segments = self._head(places)
        elif row + y <= len(self._counts):
            segments = self._row(row + y - 1, places)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _head(self, places: range) -> list[Segment]:
        label = self.get_component_rich_style("confusion-matrix--label")
        styles = (label + MARKED if place == self.cursor[1] else label for place in places)
        heads = [Segment(flush_right(self._heads[place], CELL), style) for place, style in zip(places, styles, strict=True)]
        return [Segment(" " * self._margin, label), *heads]

    def _row(self, target: int, places: range) -> list[Segment]:
        label = self.get_component_rich_style("confusion-matrix--label")
        counts, here = self._counts[target], self.cursor[1] if self.cursor[0] == target else None
        total = sum(counts)
        name = f"{flush_right(self._names[target], self._margin - 1)} "
        cells = [
            self._cell(counts[place], place == target, counts[place] / max(1, total if place == target else self._worst), place == here)
            for place in places
        ]
        return [Segment(name, label if here is None else label + MARKED), *cells]

    def _cell(self, count: int, is_right: bool, share: float, is_marked: bool) -> Segment:
        """Hits in one colour, by their share of the row; misses in another, by the root of theirs of the most frequent miss."""
        paper, plain = mixing.paper(self), mixing.variable(self, "foreground")
        strength = STRONGEST * (share if is_right else share**0.5)
        hue = mixing.variable(self, "success" if is_right else "error")
        ground = mixing.mixed(paper, hue, strength)
        text = f"{count or '·':>{CELL}}"
        front = mixing.legible_on(ground, plain, paper) if count else mixing.mixed(paper, plain, FAINT)
        if is_marked:
            return Segment(text, Style(color=plain.rich_color, bgcolor=paper.rich_color) + MARKED)
        return Segment(text, Style(color=front.rich_color, bgcolor=ground.rich_color))


def names(classes: Sequence[str]) -> tuple[list[str], list[str]]:
    """How rows and columns are called: columns by their numbers, and rows by both, where the first letters do not tell classes apart."""
    heads = [cropped(name, CELL - 1) for name in classes]
    if len(set(heads)) == len(heads):
        return [cropped(name, NAME) for name in classes], heads
    return [cropped(f"{number} {name}", NAME) for number, name in enumerate(classes)], [str(number) for number in range(len(classes))]
