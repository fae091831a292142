"""Random distortions of the training digits in NumPy; ``shaders/elastic.wgsl`` and ``shaders/augment.wgsl`` are its twins.

Each pixel of the result is read, bilinearly, from a place in the image: turned, sheared, scaled and shifted about the centre, and moved by
a random field: uniform noise between -1 and 1 a pixel and axis, in 256 levels, smoothed by a Gaussian of ``elastic_sigma`` pixels, times
``elastic_alpha`` (Simard, Steinkraus and Platt, 2003). Outside the image all is 0.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backends.bilinear import AnywhereReader, ShiftedReader
from engine.hyperparameters import Augmentation
from engine.network import Floats

DRAWS_AN_IMAGE = 8
"""Counters set aside for an image's affine map; six are used."""
IMAGES_AT_ONCE = 32
"""So few that the numbers of their fields stay in the cache."""
SHIFTED_AT_ONCE = 64

Keys = npt.NDArray[np.uint32]


def smoothing_radius(sigma: float) -> int:
    """Pixels to either side that the Gaussian reaches."""
    return math.ceil(3 * sigma)


def field_size(augmentation: Augmentation, height: int, width: int) -> int:
    """Values of one image's elastic field, one an axis and pixel, with a margin above and below."""
    if not augmentation.elastic_alpha:
        return 0
    return 2 * (height + 2 * smoothing_radius(augmentation.elastic_sigma)) * width


def smoothing_weights(sigma: float) -> npt.NDArray[np.float64]:
    """A Gaussian cut off at three sigma, adding up to 1: [2 * radius + 1]."""
    radius = smoothing_radius(sigma)
    if not radius:
        return np.ones(1)
    weights = np.exp(-np.square(np.arange(-radius, radius + 1)) / (2 * sigma**2))
    return np.asarray(weights / weights.sum())


def _affine_draws(keys: Keys, rows: Keys, shares: Floats) -> Floats:
    """Numbers from -1 to 1, of 24 bits, times its share, for each image of ``rows``, its place in the batch, in the step of its key:
    [DRAWS_AN_IMAGE, n].
    """
    counters = np.arange(DRAWS_AN_IMAGE, dtype=np.uint32)[:, np.newaxis] + rows * np.uint32(DRAWS_AN_IMAGE)
    drawn = counter_random.hashed(counters ^ counter_random.hashed(keys))
    return ((drawn >> np.uint32(8)).astype(np.float32) * np.float32(2**-23) - np.float32(1)) * shares


class ElasticField:
    """Displacements of the pixels of at most ``count`` images, from noise of 8 bits, of which each hash gives four."""

    def __init__(self, alpha: float, sigma: float, count: int, height: int, width: int) -> None:
        weights = smoothing_weights(sigma)
        self._rows, self._columns = _banded(weights, height), np.ascontiguousarray(_banded(weights * alpha * 2 / 255, width).T)
        self.centre = alpha / 255
        """To be added to each displacement: that of the mean of the signed bytes that stand for the numbers from -1 to 1."""
        noise = count, 2, self._rows.shape[1], len(self._columns)
        self._numbers = math.prod(noise[1:])
        self._offsets = np.arange(-(-self._numbers // 4), dtype=np.uint32)
        self._drawn, self._scratch = (np.empty((count, len(self._offsets)), np.uint32) for _ in range(2))
        self._noise = np.empty(noise, np.float32)
        self._half = np.empty((count, 2, height, len(self._columns)), np.float32)
        self._field = np.empty((count, 2, height * width), np.float32)

    def draw(self, keys: Keys, rows: Keys, shares: Floats) -> Floats:
        """Of each image of ``rows``, its place in the batch, in the step of its key, times its share: pixels [2, n, height * width]."""
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
    """The matrix that smooths ``size + 2 * radius`` values to ``size``."""
    matrix = np.zeros((size, size + len(weights) - 1), np.float32)
    for index in range(size):
        matrix[index, index : index + len(weights)] = weights
    return matrix


class AffineMaps:
    """Turns, shears, scales and shifts."""

    def __init__(self, limits: Augmentation, height: int, width: int, offset: float) -> None:
        """``offset``, times an image's share, is added to its places."""
        self._limits = limits
        centre = np.array([[(height - 1) / 2], [(width - 1) / 2]])
        self._centre, self._offset = centre, offset
        rows, columns = np.mgrid[:height, :width].reshape(2, -1) - centre
        self.grid = np.stack([rows, columns, np.ones_like(rows)]).astype(np.float32)
        """Of each pixel: the row and the column, from the centre on, and one: [3, height * width]."""

    def draw(self, keys: Keys, rows: Keys, shares: Floats) -> Floats:
        """What gives, times ``grid``, where the pixels of each image are read, row and column: [2, n, 3]."""
        limits, draws = self._limits, _affine_draws(keys, rows, shares)
        angle = draws[0] * math.radians(limits.rotation)
        cosine, sine = np.cos(angle), np.sin(angle)
        row_scale, column_scale = 1 + draws[1:3] * limits.scale
        shear, shift = draws[3] * limits.shear, draws[4:6] * limits.shift + self._offset * shares + self._centre
        row = (cosine - sine * shear) * row_scale, -sine * column_scale, shift[0]
        column = (sine + cosine * shear) * row_scale, cosine * column_scale, shift[1]
        return np.array([row, column], np.float32).transpose(0, 2, 1)


class Distortion:
    """Any distortion."""

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
    """Shifts alone, several times as fast."""

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
        """Fills ``out`` with images [n, height * width] as values from 0 to 1; ``keys`` are those of each one's step, ``rows`` the places
        in its batch, ``shares`` those of the limits that hold: [n] each.
        """
        self._distortion.apply(images, keys, rows, shares, out)

    def distorted(self, images: npt.NDArray[np.uint8], key: int) -> Floats:
        """The batch ``images`` [n, height * width] of the step with this key, as values from 0 to 1."""
        out = np.empty(images.shape, np.float32)
        keys, rows = np.full(len(images), key, np.uint32), np.arange(len(images), dtype=np.uint32)
        self.distort(images, keys, rows, np.ones(len(images), np.float32), out)
        return out
