"""A digit beside some of its distortions, as large as there is room for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

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

    def draw(self, images: Images, name: str) -> None:
        """``name`` is written below the digit itself."""
        self.images, self._caption = images, name
        self.refresh()

    @property
    def _side(self) -> int:
        """Columns an image: all its pixels, or as many as let every image be seen."""
        rows = -(-(len(self.images) - 1) // (MOST_ACROSS - 1))
        fitting = (self.size.width + GAP) // MOST_ACROSS - GAP, 2 * ((self.size.height + GAP) // max(1, rows) - GAP)
        return max(LEAST_SIDE, min(*fitting, int(self.images.shape[2])))

    def render_line(self, y: int) -> Strip:
        segments = list(self._line(y)) if len(self.images) else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, y: int) -> Iterator[Segment]:
        """The digit stands alone in the first column, and is named there."""
        side = self._side
        across = max(1, min(MOST_ACROSS, (self.size.width + GAP) // (side + GAP)) - 1)
        row, line = divmod(y, (side + 1) // 2 + GAP)
        paper, ink = mixing.paper(self), mixing.variable(self, "ink")
        below = self._caption if not row and line == (side + 1) // 2 else ""
        for image in (None if row else self.images[0], *self.images[1 + row * across : 1 + (row + 1) * across]):
            if image is None or line == (side + 1) // 2:
                yield Segment(below.center(side), self.rich_style)
                below = ""
            else:
                yield from small_images.line(self, resized(image, side), line, paper, ink)
            yield Segment(" " * GAP, self.rich_style)


def resized(image: Images, side: int) -> Images:
    """An image [height, width] with ``side`` pixels a row, each the mean of what it covers."""
    height = round(image.shape[0] * side / image.shape[1])
    if (height, side) == image.shape:
        return image
    return np.rint(_shares(height, image.shape[0]) @ image @ _shares(side, image.shape[1]).T).astype(np.uint8)


def _shares(count: int, of: int) -> npt.NDArray[np.float64]:
    """How much of each of ``count`` equal parts each of the pixels that they cover is: [count, of]."""
    begins, ends = (np.arange(offset, count + offset) * of / count for offset in (0, 1))
    pixels = np.arange(of)
    overlap = np.minimum(ends[:, np.newaxis], pixels + 1) - np.maximum(begins[:, np.newaxis], pixels)
    shares: npt.NDArray[np.float64] = np.clip(overlap, 0, None) * count / of
    return shares
