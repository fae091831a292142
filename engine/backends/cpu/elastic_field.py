"""The random field of elastic distortion in NumPy (Simard, Steinkraus and Platt, 2003); ``shaders/elastic_field.wgsl`` is its twin.

Every pixel is moved, down and to the right, by noise that is smoothed by a Gaussian, so that neighbours move nearly alike: uniform numbers
between -1 and 1, one a pixel and axis, in 256 levels, smoothed with a standard deviation of ``sigma`` pixels, times ``alpha``.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backends.smoothing import smoothing_weights
from engine.network import Floats

Keys = npt.NDArray[np.uint32]


class ElasticField:
    """Draws how far the pixels of at most ``count`` images at a time are moved. Each hash gives four numbers of noise, of 8 bits."""

    def __init__(self, alpha: float, sigma: float, count: int, height: int, width: int) -> None:
        weights = smoothing_weights(sigma)
        self._rows, self._columns = _banded(weights, height), np.ascontiguousarray(_banded(weights * alpha * 2 / 255, width).T)
        self.centre = alpha / 255
        """Pixels that the caller still has to add to each displacement. The noise is drawn as bytes from -128 to 127, which stand for the
        numbers from -1 to 1 in steps of 2 / 255; their mean is half a step too low.
        """
        noise = count, 2, self._rows.shape[1], len(self._columns)
        self._numbers = math.prod(noise[1:])
        self._offsets = np.arange(-(-self._numbers // 4), dtype=np.uint32)
        self._drawn, self._scratch = (np.empty((count, len(self._offsets)), np.uint32) for _ in range(2))
        self._noise = np.empty(noise, np.float32)
        self._half = np.empty((count, 2, height, len(self._columns)), np.float32)
        self._field = np.empty((count, 2, height * width), np.float32)

    def draw(self, keys: Keys, rows: Keys, shares: Floats) -> Floats:
        """How far each pixel of n images is moved, without ``centre``: rows and columns, in pixels, [2, n, height * width].

        An image is identified by the augmentation key of its step (``keys``) and its number in the batch (``rows``); what is drawn for it
        is multiplied by ``shares``, the part of the distortion's limits that holds: [n] each.
        """
        count = len(rows)
        half, field = self._half[:count], self._field[:count]
        np.matmul(self._rows, self._draw_noise(keys, rows), out=half)
        np.dot(half.reshape(-1, half.shape[-1]), self._columns, out=field.reshape(-1, self._columns.shape[1]))
        if shares.min() < 1:
            field *= shares[:, np.newaxis, np.newaxis]
        return field.transpose(1, 0, 2)

    def _draw_noise(self, keys: Keys, rows: Keys) -> Floats:
        count = len(rows)
        drawn, scratch, noise = self._drawn[:count], self._scratch[:count], self._noise[:count]
        np.add((rows * np.uint32(len(self._offsets)))[:, np.newaxis], self._offsets, out=drawn)
        np.bitwise_xor(drawn, counter_random.hashed(keys + np.uint32(1))[:, np.newaxis], out=drawn)
        counter_random.hash_in_place(drawn, scratch)
        np.bitwise_xor(drawn, np.uint32(0x80808080), out=drawn)
        np.copyto(noise.reshape(count, -1), drawn.view(np.int8)[:, : self._numbers])
        return noise


def _banded(weights: npt.NDArray[np.float64], size: int) -> Floats:
    """The matrix that smooths ``size + 2 * radius`` values to ``size``: [size, size + 2 * radius]."""
    matrix = np.zeros((size, size + len(weights) - 1), np.float32)
    for index in range(size):
        matrix[index, index : index + len(weights)] = weights
    return matrix
