"""A digit beside some of its distortions, as large as there is room for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.resizing import resized
from tui.widgets import mixing, small_images

GAP = 1
"""Columns and lines between two images."""
MOST_ACROSS = 5
LEAST_SIDE = 14
Images = npt.NDArray[np.uint8]


class DistortionGrid(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DistortionGrid {
        height: 1fr;
        background: $background;
        color: $foreground-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.images: Images = np.empty((0, LEAST_SIDE, LEAST_SIDE), np.uint8)
        """The digit and then its distortions: [images, height, width]."""
        self._caption = ""
        self._fitted: list[Images] = []
        """The same at the size that they are shown in."""

    def draw(self, images: Images, name: str) -> None:
        """``name`` is written below the digit itself."""
        self.images, self._caption, self._fitted = images, name, []
        self.refresh()

    @property
    def _side(self) -> int:
        """Columns an image: all its pixels, or as many as let every image be seen."""
        rows = -(-(len(self.images) - 1) // (MOST_ACROSS - 1))
        fitting = (self.size.width + GAP) // MOST_ACROSS - GAP, 2 * ((self.size.height + GAP) // max(1, rows) - GAP)
        return max(LEAST_SIDE, min(*fitting, int(self.images.shape[2])))

    def on_resize(self) -> None:
        self._fitted = []

    def _fit(self, side: int) -> None:
        """Makes the images ``side`` pixels wide."""
        _, height, width = self.images.shape
        rows = round(height * side / width)
        self._fitted = list(self.images) if (rows, side) == (height, width) else [resized(image, rows, side) for image in self.images]

    def render_line(self, y: int) -> Strip:
        segments = list(self._line(y)) if len(self.images) else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, y: int) -> Iterator[Segment]:
        """The digit stands alone in the first column, and is named there."""
        side = self._side
        if not self._fitted:
            self._fit(side)
        across = max(1, min(MOST_ACROSS, (self.size.width + GAP) // (side + GAP)) - 1)
        row, line = divmod(y, (side + 1) // 2 + GAP)
        paper, ink = mixing.paper(self), mixing.variable(self, "ink")
        below = self._caption if not row and line == (side + 1) // 2 else ""
        for image in (None if row else self._fitted[0], *self._fitted[1 + row * across : 1 + (row + 1) * across]):
            if image is None or line == (side + 1) // 2:
                yield Segment(below.center(side), self.rich_style)
                below = ""
            else:
                yield from small_images.line(self, image, line, paper, ink)
            yield Segment(" " * GAP, self.rich_style)
