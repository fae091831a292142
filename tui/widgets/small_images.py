"""Images of a column a pixel and a line two rows: in half-blocks, or in characters where there is nothing but ASCII."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.color import Color
from textual.widget import Widget

from tui import shades
from tui.ascii import is_ascii
from tui.widgets import half_blocks


def line(widget: Widget, image: npt.NDArray[np.uint8], number: int, paper: Color, ink: Color) -> list[Segment]:
    """One line of an image [height, width], black as ``paper`` and white as ``ink``."""
    if is_ascii(widget.app):
        return [Segment(shades.condensed(image, number), half_blocks.style(paper, ink, 255))]
    return half_blocks.line(image, number, paper, ink)
