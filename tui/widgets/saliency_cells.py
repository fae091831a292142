"""Which pixels moved a decision: ``+`` where they spoke for it, ``-`` where against, over the digit in pale characters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.shades import SHADES
from tui.widgets.mixing import legible_on, mixed

WEAK, STRONG = 0.08, 0.4
"""Shares of the strongest pixel from which on a sign is drawn, and drawn bold."""


@dataclass(frozen=True)
class Palette:
    paper: Color
    ink: Color
    supports: Color
    opposes: Color


def line(pixels: npt.NDArray[np.uint8], shares: npt.NDArray[np.float32], columns: int, palette: Palette) -> list[Segment]:
    """One line of cells, ``columns`` wide each: brightness [width], and shares of the strongest pixel, -1 to 1, [width]."""
    return [
        Segment(*_cell(int(pixel) * len(SHADES) // 256, round(float(share) * 20), columns, palette))
        for pixel, share in zip(pixels, shares, strict=True)
    ]


@lru_cache(maxsize=1 << 12)
def _cell(shade: int, twentieths: int, columns: int, palette: Palette) -> tuple[str, Style]:
    strength = abs(twentieths) / 20
    if strength < WEAK:
        return SHADES[shade] * columns, Style(color=mixed(palette.paper, palette.ink, 0.45).rich_color, bgcolor=palette.paper.rich_color)
    sign, hue = ("+", palette.supports) if twentieths > 0 else ("-", palette.opposes)
    strong = strength >= STRONG
    ground = mixed(palette.paper, hue, 0.15 + 0.55 * strength)
    ink = hue if ground == palette.paper else legible_on(ground, palette.ink, palette.paper)
    return (sign * columns if strong else sign.ljust(columns)), Style(color=ink.rich_color, bgcolor=ground.rich_color, bold=strong)


def paired(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Two rows [2, width] as one: of each pair the number that is farther from 0."""
    stronger = np.abs(rows).argmax(axis=0)
    found: npt.NDArray[np.float32] = np.take_along_axis(rows, stronger[None], axis=0)[0]
    return found
