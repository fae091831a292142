"""Pixels in characters: two columns each, or two rows in one line where there is less room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SHADES = " .:-=+*#%"
"""From black to white."""


def text(pixels: npt.NDArray[np.uint8]) -> str:
    """One row of pixels, [width]."""
    return "".join(SHADES[shade] * 2 for shade in pixels.astype(np.intp) * len(SHADES) // 256)


def condensed(image: npt.NDArray[np.uint8], number: int) -> str:
    """One line of an image [height, width]: a column a pixel, two rows as their mean."""
    means = image[2 * number : 2 * number + 2].mean(axis=0)
    return "".join(SHADES[shade] for shade in means.astype(np.intp) * len(SHADES) // 256)


def rows(image: npt.NDArray[np.uint8]) -> list[str]:
    """The rows of an image, [height, width]."""
    return [text(row) for row in image]
