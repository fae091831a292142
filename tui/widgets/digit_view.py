"""A digit in characters, two columns a pixel, or in half-blocks, two pixels a character."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.color import Color
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import shades
from tui.widgets import half_blocks


class View(StrEnum):
    """How a digit is drawn. ``auto`` takes characters where there is room for all of them."""

    AUTO = "auto"
    CHARACTERS = "characters"
    BLOCKS = "half-blocks"


class DigitView(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DigitView {
        color: $ink;
    }
    """

    view: reactive[View] = reactive(View.AUTO)
    image: reactive[npt.NDArray[np.uint8] | None] = reactive(None, always_update=True)
    """[height, width], 0 to 255."""

    @property
    def drawn_as(self) -> View:
        """Characters or half-blocks."""
        if self.view is not View.AUTO:
            return self.view
        height, width = (28, 28) if self.image is None else self.image.shape
        return View.CHARACTERS if self.size.width >= 2 * width and self.size.height >= height else View.BLOCKS

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.image is None:
            return Strip.blank(width, self.rich_style)
        line = self._characters(self.image, y) if self.drawn_as is View.CHARACTERS else self._blocks(self.image, y)
        left = (width - sum(len(segment.text) for segment in line)) // 2
        return Strip([Segment(" " * left, self.rich_style), *line]).adjust_cell_length(width, self.rich_style)

    def _characters(self, image: npt.NDArray[np.uint8], y: int) -> list[Segment]:
        rows = middle(image.max(axis=1), self.size.height)
        columns = middle(image.max(axis=0), self.size.width // 2)
        row = rows.start + y - (self.size.height - (rows.stop - rows.start)) // 2
        if not rows.start <= row < rows.stop:
            return []
        return [Segment(shades.text(image[row, columns]), self.rich_style)]

    def _blocks(self, image: npt.NDArray[np.uint8], y: int) -> list[Segment]:
        number = y - (self.size.height - half_blocks.lines(image)) // 2
        if not 0 <= number < half_blocks.lines(image):
            return []
        return half_blocks.line(image, number, self.background_colors[1], Color.parse(self.app.theme_variables["ink"]))


def middle(inked: npt.NDArray[np.uint8], room: int) -> slice:
    """All rows (or columns) where there is room for them, else as many as there is room for, around those with ink."""
    count = len(inked)
    if count <= room:
        return slice(0, count)
    places = np.flatnonzero(inked)
    centre = (int(places[0]) + int(places[-1]) + 1) / 2 if len(places) else count / 2
    start = max(0, min(count - room, round(centre - room / 2)))
    return slice(start, start + room)
