"""Images in half-blocks: two pixels a character, one above the other."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

UPPER_HALF = "▀"


def lines(image: npt.NDArray[np.uint8]) -> int:
    """How many lines an image takes."""
    return (len(image) + 1) // 2


def line(image: npt.NDArray[np.uint8], number: int, paper: Color, ink: Color) -> list[Segment]:
    """One line of an image [height, width], black as ``paper`` and white as ``ink``."""
    row = 2 * number
    upper, lower = image[row], image[row + 1] if row + 1 < len(image) else np.zeros_like(image[row])
    return [Segment(UPPER_HALF, _style(paper, ink, int(above), int(below))) for above, below in zip(upper, lower, strict=True)]


@lru_cache(maxsize=1 << 14)
def _style(paper: Color, ink: Color, above: int, below: int) -> Style:
    return Style(color=_mixed(paper, ink, above), bgcolor=_mixed(paper, ink, below))


@lru_cache(maxsize=1 << 11)
def _mixed(paper: Color, ink: Color, brightness: int) -> RichColor:
    return RichColor.from_rgb(*paper.blend(ink, brightness / 255).rgb)
