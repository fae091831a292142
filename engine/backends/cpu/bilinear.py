"""Reads images [n, height * width] between their pixels, as values from 0 to 1. Outside an image all is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.network import Floats

Pixels = npt.NDArray[np.uint8]
BYTE = np.uint32(255)
ONE = np.float32(1 / 255)


class AnywhereReader:
    """Reads each pixel of at most ``count`` images from a place of its own.

    A pixel and its neighbours to the right, below and below to the right are packed into one word, so that a place costs one look-up.
    """

    def __init__(self, count: int, height: int, width: int) -> None:
        self._height, self._width = height, width
        # A pixel of margin above and to the left, two below and to the right.
        self._padded = np.zeros((count, height + 3, width + 3), np.uint32)
        self._shifted, self._quads = (np.zeros(self._padded.size, np.uint32) for _ in range(2))
        area = self._padded[0].size
        self._corners = np.arange(0, count * area, area, dtype=np.int32)[:, np.newaxis]
        pixels = count, height * width
        self._whole = np.empty((2, *pixels), np.float32)
        self._index, self._wide_index = np.empty(pixels, np.int32), np.empty(pixels, np.intp)
        self._read, self._byte = (np.empty(pixels, np.uint32) for _ in range(2))
        self._values = np.empty((4, *pixels), np.float32)

    def read(self, images: Pixels, places: Floats, out: Floats) -> None:
        """Fills ``out`` with what ``images`` hold at ``places``, rows and columns, which are spoiled: [2, n, height * width]."""
        count = len(images)
        whole = self._whole[:, :count]
        for axis, size in enumerate((self._height, self._width)):
            places[axis] += 1
            np.clip(places[axis], 0, size + 1, out=places[axis])
        np.floor(places, out=whole)
        places -= whole
        down, right = places
        above, above_right, below, below_right = self._neighbours(self._look_up(images, whole))
        for first, second, part in ((above, above_right, right), (below, below_right, right), (above, below, down)):
            second -= first
            second *= part
            first += second
        np.multiply(above, ONE, out=out)

    def _look_up(self, images: Pixels, whole: Floats) -> npt.NDArray[np.uint32]:
        count, stride = len(images), self._width + 3
        index, wide_index, read = self._index[:count], self._wide_index[:count], self._read[:count]
        whole[0] *= stride
        whole[0] += whole[1]
        np.copyto(index, whole[0], casting="unsafe")
        index += self._corners[:count]
        np.copyto(wide_index, index)
        np.take(self._packed(images), wide_index, out=read, mode="clip")
        return read

    def _packed(self, images: Pixels) -> npt.NDArray[np.uint32]:
        padded = self._padded[: len(images)]
        padded[:, 1:-2, 1:-2] = images.reshape(-1, self._height, self._width)
        pixels, stride = padded.reshape(-1), self._width + 3
        shifted, quads = self._shifted[: len(pixels)], self._quads[: len(pixels)]
        np.left_shift(pixels, np.uint32(8), out=shifted)
        np.bitwise_or(pixels[:-1], shifted[1:], out=quads[:-1])
        np.left_shift(quads, np.uint32(16), out=shifted)
        np.bitwise_or(quads[:-stride], shifted[stride:], out=quads[:-stride])
        return quads

    def _neighbours(self, read: npt.NDArray[np.uint32]) -> Floats:
        byte, values = self._byte[: len(read)], self._values[:, : len(read)]
        for value in values:
            np.bitwise_and(read, BYTE, out=byte)
            np.copyto(value, byte.view(np.int32), casting="same_kind")
            np.right_shift(read, np.uint32(8), out=read)
        return values


class ShiftedReader:
    """Reads at most ``count`` images as they are, but moved by at most ``limit`` pixels along each axis."""

    def __init__(self, count: int, limit: float, height: int, width: int) -> None:
        self._height, self._width, self._margin = height, width, int(limit) + 1
        self._padded = np.zeros((count, height + 2 * self._margin, width + 2 * self._margin), np.uint8)
        windows: Any = np.lib.stride_tricks.sliding_window_view(self._padded, (height + 1, width), axis=(1, 2))
        self._windows = windows

    def read(self, images: Pixels, shifts: Floats, out: Floats) -> None:
        """Fills ``out`` with ``images``, the first pixel of each read at its ``shifts``, row and column: [2, n]."""
        count, height, width, margin = len(images), self._height, self._width, self._margin
        whole = np.floor(shifts)
        down, right = (shifts - whole)[:, :, np.newaxis]
        top, left = whole.astype(np.intp) + margin
        self._padded[:count, margin:-margin, margin:-margin] = images.reshape(count, height, width)
        image = np.arange(count)
        values, right_values = (self._windows[image, top, left + step].reshape(count, -1).astype(np.float32) for step in (0, 1))
        right_values -= values
        right_values *= right
        values += right_values
        above = values[:, :-width]
        below = values[:, width:] - above
        below *= down
        below += above
        np.multiply(below, ONE, out=out)
