"""How large the canvas and what the network sees of it are drawn, in columns and lines."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Size

FRAME = 2
BARS = 34
"""Columns that are left beside the canvas, at the least."""
MOST_LINES = 56
"""Of the canvas: more would show no more of the drawing."""
ROOMY = 30
"""Lines from which on there are frames and space between."""
FEWEST, MOST = 5, 10
"""Bars that are shown, at the least and at the most."""
TEXT, ROOMY_TEXT = 3, 7
"""Lines for what stands above and below the image and the bars."""


@dataclass(frozen=True)
class Easel:
    canvas: Size
    image: Size
    shrunk: int
    """How many pixels of the image are drawn as one, either way."""
    bars: int
    """Lines for predictions."""
    is_roomy: bool


def easel(room: Size, height: int, width: int) -> Easel:
    """For an image [height, width], in what there is between header and footer."""
    lines = max(1, min(room.height - FRAME, (room.width - BARS) // 2, MOST_LINES))
    is_roomy = room.height >= ROOMY
    frame, text, bars = (FRAME, ROOMY_TEXT, MOST) if is_roomy else (0, TEXT, FEWEST)
    columns_left, lines_left = room.width - 2 * lines - FRAME - 2 - frame, room.height - frame - text
    shrunk = 1
    while shrunk < width and (-(-width // shrunk) > columns_left or -(-height // (2 * shrunk)) > lines_left - bars):
        shrunk += 1
    image = Size(-(-width // shrunk), -(-height // (2 * shrunk)))
    return Easel(Size(2 * lines, lines), image, shrunk, min(MOST, lines_left - image.height), is_roomy)
