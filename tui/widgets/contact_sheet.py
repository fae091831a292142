"""Many small digits with a line under each, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.cells import cropped
from tui.widgets import half_blocks, mixing, small_images
from tui.widgets.resized import Resized

LINES = 2
"""Lines of a cell besides its image: the caption, and a blank one."""
NARROWEST = 24
"""Columns of a cell, at the least: below a small image there is room for a caption, too."""


@dataclass(frozen=True)
class Thumbnail:
    """``image`` is [height, width]; all on a sheet are of one size. The caption tells thumbnails apart."""

    image: npt.NDArray[np.uint8] = field(compare=False)
    caption: str


class ContactSheet(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ContactSheet {
        height: 1fr;
        color: $foreground-muted;
    }
    """

    thumbnails: reactive[tuple[Thumbnail, ...]] = reactive(())

    def on_resize(self) -> None:
        self.post_message(Resized())

    def room(self, height: int, width: int) -> int:
        """How many images of that size fit."""
        columns = self._columns(width) if width <= self.size.width else 0
        return columns * (self.size.height // ((height + 1) // 2 + LINES))

    def _columns(self, width: int) -> int:
        return max(1, self.size.width // max(width, NARROWEST))

    def render_line(self, y: int) -> Strip:
        segments = list(self._line(y)) if self.thumbnails else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, y: int) -> Iterator[Segment]:
        width = self.thumbnails[0].image.shape[1]
        cell = half_blocks.lines(self.thumbnails[0].image) + LINES
        columns = self._columns(width)
        each = self.size.width // columns
        left = max(0, each - width) // 2
        first, line = columns * (y // cell), y % cell
        paper, ink = mixing.paper(self), mixing.variable(self, "ink")
        for thumbnail in self.thumbnails[first : first + columns]:
            if line < cell - LINES:
                yield Segment(" " * left, self.rich_style)
                yield from small_images.line(self, thumbnail.image, line, paper, ink)
                yield Segment(" " * (each - width - left), self.rich_style)
            elif line == cell - LINES:
                yield Segment(cropped(thumbnail.caption, each - 1).center(each), self.rich_style)
