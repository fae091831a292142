"""Pixels in characters, two columns each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SHADES = " .:-=+*#%"
"""From black to white."""


def text(pixels: npt.NDArray[np.uint8]) -> str:
    """One row of pixels, [width]."""
    return "".join(SHADES[shade] * 2 for shade in pixels.astype(np.intp) * len(SHADES) // 256)


def rows(image: npt.NDArray[np.uint8]) -> list[str]:
    """The rows of an image, [height, width]."""
    return [text(row) for row in image]
