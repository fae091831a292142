"""How often each class was taken for each other: a table whose shades follow its counts, with a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets import mixing

CELL = 5
"""Columns of a count."""
STRONGEST = 0.75
MARKED = Style(bold=True, reverse=True)


class ConfusionMatrix(Widget):
    """Rows are the targets, columns the predictions. The cursor starts on the most frequent miss."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"confusion-matrix--label"}
    DEFAULT_CSS = """
    ConfusionMatrix {
        width: auto;
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
        self._worst = 0
        """How often the most frequent miss happened."""

    def show(self, counts: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
        """``counts[target][prediction]``."""
        is_first = len(counts) != len(self._counts)
        self._counts, self._names = counts, [name[: CELL - 1] for name in classes]
        misses = {(row, column): counts[row][column] for row in range(len(counts)) for column in range(len(counts)) if row != column}
        worst = max(misses, key=lambda place: misses[place])
        self._worst = misses[worst]
        if is_first:
            self.cursor = worst
        self.refresh(layout=True)

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

    def on_click(self, event: Click) -> None:
        row, column = event.y - 1, (event.x - self._margin) // CELL
        if 0 <= row < len(self._counts) and 0 <= column < len(self._counts):
            self.cursor = (row, column)
            self.post_message(self.Moved())

    @property
    def _margin(self) -> int:
        return max((len(name) for name in self._names), default=0) + 1

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._margin + CELL * len(self._names)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._counts) + 1 if self._counts else 0

    def render_line(self, y: int) -> Strip:
        if y > len(self._counts) or not self._counts:
            return Strip.blank(self.size.width, self.rich_style)
        label = self.get_component_rich_style("confusion-matrix--label")
        if y == 0:
            marked = self.cursor[1]
            names = [Segment(f"{name:>{CELL}}", label + MARKED if place == marked else label) for place, name in enumerate(self._names)]
            return Strip([Segment(" " * self._margin, label), *names])
        row = self._counts[y - 1]
        here = self.cursor[1] if self.cursor[0] == y - 1 else None
        total = sum(row)
        cells = [
            self._cell(count, place == y - 1, count / max(1, total if place == y - 1 else self._worst), place == here)
            for place, count in enumerate(row)
        ]
        return Strip([Segment(f"{self._names[y - 1]:>{self._margin - 1}} ", label if here is None else label + MARKED), *cells])

    def _cell(self, count: int, is_right: bool, share: float, is_marked: bool) -> Segment:
        """Hits in one colour, by their share of the row; misses in another, by the root of theirs of the most frequent miss."""
        paper, plain = mixing.paper(self), mixing.variable(self, "foreground")
        strength = STRONGEST * (share if is_right else share**0.5)
        ground = paper.blend(mixing.variable(self, "success" if is_right else "error"), strength)
        text = f"{count or '·':>{CELL}}"
        front = plain if count else paper.blend(plain, 0.35)
        style = Style(color=front.rich_color, bgcolor=ground.rich_color)
        return Segment(text, style + MARKED if is_marked else style)
