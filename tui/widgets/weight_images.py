"""Weights as small images, one a neuron, as many as there is room for: page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.ascii import is_ascii
from tui.widgets import mixing, saliency_cells
from tui.widgets.half_blocks import UPPER_HALF
from tui.widgets.resized import Resized

LINES, GAP = 2, 1
"""Lines of a cell besides its image, and columns between cells."""
FEWEST = 4
"""Images a page, below which they are drawn at half their size."""
LEVELS = 12
"""Shades each way from zero."""


class WeightImages(Widget):
    """Each image has the full range of colours; its caption tells its largest weight."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"weight-images--caption"}
    DEFAULT_CSS = """
    WeightImages {
        height: 1fr;

        .weight-images--caption {
            color: $foreground-muted;
        }
    }
    """

    first: reactive[int] = reactive(0)
    """The place of the image shown first."""

    def __init__(self) -> None:
        super().__init__()
        self._images: npt.NDArray[np.float32] = np.empty((0, 1, 1), np.float32)
        self._names: Sequence[str] = ()

    def draw(self, images: npt.NDArray[np.float32], names: Sequence[str]) -> None:
        """``images`` [neurons, height, width]."""
        self._images, self._names = images, names
        self.first = min(self.first, max(0, len(images) - 1))
        self.refresh()

    @property
    def _halvings(self) -> int:
        """1 where images have to be drawn at half their size."""
        return 0 if self._room(*self._images.shape[1:]) >= FEWEST else 1

    def _grid(self, height: int, width: int) -> tuple[int, int]:
        """Images across and down."""
        return max(1, (self.size.width + GAP) // (width + GAP)), max(1, self.size.height // ((height + 1) // 2 + LINES))

    def _room(self, height: int, width: int) -> int:
        across, down = self._grid(height, width)
        return across * down

    @property
    def page(self) -> int:
        """Images a page."""
        return self._room(*self._measures)

    @property
    def _measures(self) -> tuple[int, int]:
        _, height, width = self._images.shape
        return (height >> self._halvings, width >> self._halvings)

    def on_resize(self) -> None:
        self.post_message(Resized())

    @property
    def shown(self) -> str:
        """Which images are on the page, in words."""
        last = min(len(self._images), self.first + self.page)
        return f"{self.first + 1:,} to {last:,} of {len(self._images):,}" if len(self._images) else "none"

    def turn(self, by: int) -> None:
        """``by`` pages on, or back; around the ends."""
        pages = -(-len(self._images) // self.page)
        self.first = (self.first // self.page + by) % max(1, pages) * self.page

    def turn_to(self, end: bool) -> None:
        self.first = (max(0, len(self._images) - 1) // self.page * self.page) if end else 0

    def render_line(self, y: int) -> Strip:
        segments = list(self._line(y)) if len(self._images) else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, y: int) -> Iterator[Segment]:
        height, width = self._measures
        across, down = self._grid(height, width)
        row, line = divmod(y, (height + 1) // 2 + LINES)
        begin = self.first + row * across
        if row >= down:
            return
        for place in range(begin, min(begin + across, len(self._images))):
            if line < (height + 1) // 2:
                yield from self._pixels(self._images[place], line)
            elif line == (height + 1) // 2:
                text = f"{self._names[place]}  ±{np.abs(self._images[place]).max():.2g}"
                yield Segment(text[:width].center(width), self.get_component_rich_style("weight-images--caption"))
            else:
                yield Segment(" " * width, self.rich_style)
            yield Segment(" " * GAP, self.rich_style)

    def _pixels(self, image: npt.NDArray[np.float32], line: int) -> list[Segment]:
        drawn = _halved(image, self._halvings)
        scale = max(float(np.abs(drawn).max(initial=0)), 1e-12)
        if self._is_in_signs:
            return self._signs(drawn[2 * line : 2 * line + 2] / scale)
        levels = np.rint(drawn[2 * line : 2 * line + 2] / scale * LEVELS).astype(int)
        if len(levels) == 1:
            levels = np.vstack([levels, np.zeros_like(levels)])
        colours = self._colours
        return [Segment(UPPER_HALF, _style(*colours, int(above), int(below))) for above, below in levels.T]

    @property
    def _is_in_signs(self) -> bool:
        return is_ascii(self.app) or mixing.is_terminals(mixing.paper(self))

    @property
    def marks(self) -> tuple[str, str]:
        """How a legend shows weights below zero, and above."""
        if self._is_in_signs:
            return "-", "+"
        return ("dark", "bright") if self.app.no_color else ("■", "■")

    def _signs(self, shares: npt.NDArray[np.float32]) -> list[Segment]:
        """A column a pixel, of two rows the stronger weight."""
        negative, zero, positive = self._colours
        palette = saliency_cells.Palette(zero, mixing.variable(self, "foreground"), positive, negative)
        stronger = saliency_cells.paired(shares)
        return saliency_cells.line(np.zeros(len(stronger), np.uint8), stronger, 1, palette)

    @property
    def _colours(self) -> tuple[Color, Color, Color]:
        """Of the least weight, of zero and of the greatest. Without colours: black, grey, white."""
        if self.app.no_color:
            return Color(0, 0, 0), Color(112, 112, 112), Color(255, 255, 255)
        return mixing.variable(self, "train"), mixing.paper(self), mixing.variable(self, "validation")


def _halved(image: npt.NDArray[np.float32], halvings: int) -> npt.NDArray[np.float32]:
    """Each square of four pixels as their mean."""
    if not halvings:
        return image
    height, width = (measure // 2 for measure in image.shape)
    halved: npt.NDArray[np.float32] = image[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean(axis=(1, 3))
    return halved


@lru_cache(maxsize=1 << 11)
def _style(negative: Color, zero: Color, positive: Color, above: int, below: int) -> Style:
    front, ground = (zero.blend(positive if level > 0 else negative, abs(level) / LEVELS) for level in (above, below))
    return Style(color=front.rich_color, bgcolor=ground.rich_color)
