"""Random distortions of the training digits in NumPy; ``shaders/augment.wgsl`` is its twin.

Each pixel of the result is read, bilinearly, from a place in the image: turned, sheared, scaled and shifted about the centre, and moved by
a random field (``elastic_field.py``). Outside the image all is 0.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backends.cpu.bilinear import AnywhereReader, ShiftedReader
from engine.backends.cpu.elastic_field import ElasticField, Keys
from engine.hyperparameters.regularization import Augmentation
from engine.network import Floats

DRAWS_AN_IMAGE = 8
"""Counters set aside for an image's affine map; six are used."""
IMAGES_AT_ONCE = 32
"""So few that the numbers of their fields stay in the cache."""
SHIFTED_AT_ONCE = 64


def _affine_draws(keys: Keys, rows: Keys, shares: Floats) -> Floats:
    """Numbers from -1 to 1, of 24 bits, times ``shares``, for n images: [DRAWS_AN_IMAGE, n]. ``keys``, ``rows`` and ``shares`` are as in
    ``ElasticField.draw``.
    """
    counters = np.arange(DRAWS_AN_IMAGE, dtype=np.uint32)[:, np.newaxis] + rows * np.uint32(DRAWS_AN_IMAGE)
    drawn = counter_random.hashed(counters ^ counter_random.hashed(keys))
    return ((drawn >> np.uint32(8)).astype(np.float32) * np.float32(2**-23) - np.float32(1)) * shares


class AffineMaps:
    """Draws the map that turns, shears, scales and shifts each image, about its centre."""

    def __init__(self, limits: Augmentation, height: int, width: int, offset: float) -> None:
        """``offset``, in pixels and times an image's share, is added to where it is read: what ``ElasticField.centre`` wants."""
        self._limits = limits
        centre = np.array([[(height - 1) / 2], [(width - 1) / 2]])
        self._centre, self._offset = centre, offset
        rows, columns = np.mgrid[:height, :width].reshape(2, -1) - centre
        self.grid = np.stack([rows, columns, np.ones_like(rows)]).astype(np.float32)
        """The row and the column of each pixel, counted from the image's centre, and a one: [3, height * width]."""

    def draw(self, keys: Keys, rows: Keys, shares: Floats) -> Floats:
        """The map of each of n images: [2, n, 3]. Its product with ``grid`` is where the image's pixels are read, row and column."""
        limits, draws = self._limits, _affine_draws(keys, rows, shares)
        angle = draws[0] * math.radians(limits.rotation)
        cosine, sine = np.cos(angle), np.sin(angle)
        row_scale, column_scale = 1 + draws[1:3] * limits.scale
        shear, shift = draws[3] * limits.shear, draws[4:6] * limits.shift + self._offset * shares + self._centre
        row = (cosine - sine * shear) * row_scale, -sine * column_scale, shift[0]
        column = (sine + cosine * shear) * row_scale, cosine * column_scale, shift[1]
        return np.array([row, column], np.float32).transpose(0, 2, 1)


class Distortion:
    """Applies affine map and elastic field together."""

    def __init__(self, limits: Augmentation, height: int, width: int) -> None:
        alpha, sigma = limits.elastic_alpha, limits.elastic_sigma
        self._field = ElasticField(alpha, sigma, IMAGES_AT_ONCE, height, width) if alpha else None
        self._maps = AffineMaps(limits, height, width, self._field.centre if self._field else 0.0)
        self._places = np.empty((2, IMAGES_AT_ONCE, height * width), np.float32)
        self._reader = AnywhereReader(IMAGES_AT_ONCE, height, width)

    def apply(self, images: npt.NDArray[np.uint8], keys: Keys, rows: Keys, shares: Floats, out: Floats) -> None:
        maps = self._maps.draw(keys, rows, shares)
        for begin in range(0, len(images), IMAGES_AT_ONCE):
            part = slice(begin, begin + IMAGES_AT_ONCE)
            places = self._places[:, : len(images[part])]
            np.matmul(maps[:, part], self._maps.grid, out=places)
            if self._field is not None:
                places += self._field.draw(keys[part], rows[part], shares[part])
            self._reader.read(images[part], places, out[part])


class Shift:
    """Applies shifts alone, several times as fast as ``Distortion``."""

    def __init__(self, limit: float, height: int, width: int) -> None:
        self._limit = np.float32(limit)
        self._reader = ShiftedReader(SHIFTED_AT_ONCE, limit, height, width)

    def apply(self, images: npt.NDArray[np.uint8], keys: Keys, rows: Keys, shares: Floats, out: Floats) -> None:
        shifts = _affine_draws(keys, rows, shares)[4:6] * self._limit
        for begin in range(0, len(images), SHIFTED_AT_ONCE):
            part = slice(begin, begin + SHIFTED_AT_ONCE)
            self._reader.read(images[part], shifts[:, part], out[part])


class Augmenter:
    """Distorts images of one size. Not to be shared by threads."""

    def __init__(self, augmentation: Augmentation, height: int, width: int) -> None:
        others = augmentation.rotation, augmentation.scale, augmentation.shear, augmentation.elastic_alpha
        self._distortion = Distortion(augmentation, height, width) if any(others) else Shift(augmentation.shift, height, width)

    def distort(self, images: npt.NDArray[np.uint8], keys: Keys, rows: Keys, shares: Floats, out: Floats) -> None:
        """Fills ``out`` with ``images`` [n, height * width], distorted, as values from 0 to 1.

        An image is identified by the augmentation key of its step (``keys``) and its number in the batch (``rows``); ``shares`` are the
        part of the limits that holds for it, 0 to 1: [n] each.
        """
        self._distortion.apply(images, keys, rows, shares, out)

    def distorted(self, images: npt.NDArray[np.uint8], key: int) -> Floats:
        """The batch ``images`` [n, height * width] of the step with this key, as values from 0 to 1."""
        out = np.empty(images.shape, np.float32)
        keys, rows = np.full(len(images), key, np.uint32), np.arange(len(images), dtype=np.uint32)
        self.distort(images, keys, rows, np.ones(len(images), np.float32), out)
        return out
