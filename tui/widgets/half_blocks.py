"""Images in half-blocks: two pixels a character, one above the other."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.widgets import mixing

UPPER_HALF, LOWER_HALF, FULL = "▀", "▄", "█"


def lines(image: npt.NDArray[np.uint8]) -> int:
    """How many lines an image takes."""
    return (len(image) + 1) // 2


def line(image: npt.NDArray[np.uint8], number: int, paper: Color, ink: Color) -> list[Segment]:
    """One line of an image [height, width], black as ``paper`` and white as ``ink``: a segment for each run of equal pixels."""
    row = 2 * number
    upper, lower = image[row], image[row + 1] if row + 1 < len(image) else np.zeros_like(image[row])
    begins = [0, *(np.flatnonzero((upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1])) + 1)]
    runs = zip(begins, [*begins[1:], len(upper)], strict=True)
    pairs = ((end - begin, _pair(paper, ink, int(upper[begin]), int(lower[begin]))) for begin, end in runs)
    return [Segment(text * count, style) for count, (text, style) in pairs]


def wide_line(pixels: npt.NDArray[np.uint8], paper: Color, ink: Color) -> list[Segment]:
    """A row of pixels [width], two columns each."""
    return [Segment(text * 2, style) for text, style in (_pair(paper, ink, int(pixel), int(pixel)) for pixel in pixels)]


@lru_cache(maxsize=1 << 14)
def _pair(paper: Color, ink: Color, above: int, below: int) -> tuple[str, Style]:
    """The shape tells black from white even where no colours are drawn."""
    if mixing.is_terminals(paper):
        above, below = (255 if pixel >= 255 * mixing.NEARER else 0 for pixel in (above, below))
    style = Style(color=_mixed(paper, ink, above), bgcolor=_mixed(paper, ink, below))
    if above == below:
        return (" ", style) if above < 128 else (FULL, Style(color=style.color, bgcolor=_mixed(paper, ink, 0)))
    return (UPPER_HALF, style) if above > below else (LOWER_HALF, Style(color=style.bgcolor, bgcolor=style.color))


@lru_cache(maxsize=1 << 10)
def style(paper: Color, ink: Color, brightness: int) -> Style:
    """Of characters on ``paper``, half as bright at the least."""
    return Style(color=_mixed(paper, ink, 128 + brightness // 2), bgcolor=paper.rich_color)


@lru_cache(maxsize=1 << 11)
def _mixed(paper: Color, ink: Color, brightness: int) -> RichColor:
    return mixing.mixed(paper, ink, brightness / 255).rich_color
