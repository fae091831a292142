"""Takes the slant away from digits: each is sheared along its rows until its ink leans neither way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

STEEPEST = 2.0
"""Columns a row; what leans more than that is no digit."""
IMAGES = 1000
"""At a time, which bounds the memory."""

Images = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slant:
    """How each of some images leans."""

    slope: Doubles
    """The columns that its ink moves to the right a row further down, by its second moments: [n]."""
    centre: Doubles
    """The row of its ink's centre, which stays where it is: [n]."""

    @property
    def opposite(self) -> Slant:
        return Slant(-self.slope, self.centre)


def slant(images: npt.NDArray[Any]) -> Slant:
    """How each of the images [n, height, width], whose levels are whole numbers, leans: the covariance of row and column over the variance
    of the row, with the levels as weights. An empty image leans nowhere, nor does a line across.
    """
    values = images.astype(np.float64)
    rows, columns = (np.arange(side, dtype=np.float64) for side in images.shape[1:])
    # Sums of whole numbers are exact in whatever order they are added, so that all machines find the same slope.
    by_row, moved = values.sum(axis=2), values @ columns
    ink, down, right = by_row.sum(axis=1), by_row @ rows, moved.sum(axis=1)
    spread = ink * (by_row @ rows**2) - down**2
    lean = ink * (moved @ rows) - down * right
    return Slant((lean / np.maximum(spread, 1)).clip(-STEEPEST, STEEPEST), down / np.maximum(ink, 1))


def sheared(images: npt.NDArray[Any], by: Slant) -> Doubles:
    """Images [n, height, width] with each row moved against the slant ``by``, so that they no longer lean: linearly interpolated between
    two pixels of a row, and 0 outside the image.
    """
    _, height, width = images.shape
    shift = by.slope[:, np.newaxis] * (np.arange(height) - by.centre[:, np.newaxis])
    whole = np.floor(shift)
    part = (shift - whole)[:, :, np.newaxis]
    framed = np.pad(images, ((0, 0), (0, 0), (1, 1)))
    # A whole number of columns further on, where 0 and width + 1 are the frame.
    places = np.arange(1, width + 2) + whole.astype(np.intp)[:, :, np.newaxis]
    found = np.take_along_axis(framed, places.clip(0, width + 1), axis=2).astype(np.float64)
    result: Doubles = (1 - part) * found[:, :, :-1] + part * found[:, :, 1:]
    return result


def deskewed(images: Images, height: int, width: int) -> Images:
    """Images [n, height * width], each without its slant: [n, height * width]. The same to the bit on every machine."""
    result = np.empty_like(images)
    for begin in range(0, len(images), IMAGES):
        some = images[begin : begin + IMAGES].reshape(-1, height, width)
        result[begin : begin + IMAGES] = np.rint(sheared(some, slant(some))).astype(np.uint8).reshape(len(some), -1)
    return result
