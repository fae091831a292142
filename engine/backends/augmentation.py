"""Random distortions of the training digits in NumPy; ``shaders/elastic.wgsl`` and ``shaders/augment.wgsl`` are its twins.

Each pixel of the result is read, bilinearly, from a place in the image: turned, sheared, scaled and shifted about the centre, and moved by
a random field: uniform noise between -1 and 1 a pixel and axis, smoothed by a Gaussian of ``elastic_sigma`` pixels, times ``elastic_alpha``
(Simard, Steinkraus and Platt, 2003). Outside the image all is 0.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.hyperparameters import Augmentation
from engine.network import Floats

DRAWS_AN_IMAGE = 8
"""Counters set aside for an image's affine map; six are used."""


def smoothing_radius(sigma: float) -> int:
    """Pixels to either side that the Gaussian reaches."""
    return math.ceil(3 * sigma)


def smoothing_weights(sigma: float) -> npt.NDArray[np.float64]:
    """A Gaussian cut off at three sigma, adding up to 1: [2 * radius + 1]."""
    radius = smoothing_radius(sigma)
    if not radius:
        return np.ones(1)
    weights = np.exp(-np.square(np.arange(-radius, radius + 1)) / (2 * sigma**2))
    return np.asarray(weights / weights.sum())


def _uniform(first: int, shape: tuple[int, ...], key: int) -> Floats:
    """Numbers from -1 to 1, of 24 bits, exact in float32, for the images from ``first`` on: ``shape``, [images, ...]."""
    an_image = math.prod(shape[1:])
    counters = np.arange(first * an_image, (first + shape[0]) * an_image, dtype=np.uint32)
    drawn = counter_random.hashed(counters ^ np.uint32(key)).reshape(shape)
    return (drawn >> np.uint32(8)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


class Augmenter:
    """Distorts images of one size."""

    def __init__(self, augmentation: Augmentation, height: int, width: int) -> None:
        self._augmentation = augmentation
        self._height, self._width = height, width
        self._elastic = augmentation.elastic_alpha > 0
        self._radius = smoothing_radius(augmentation.elastic_sigma)
        weights = smoothing_weights(augmentation.elastic_sigma)
        self._smooth_rows, self._smooth_columns = (_banded(weights, size) for size in (height, width))

    def distorted(self, images: npt.NDArray[np.uint8], key: int, first: int = 0) -> Floats:
        """Images [n, height * width], those from ``first`` on in the batch of the step with this key, as values from 0 to 1."""
        count = len(images)
        row, column = self._sources(first, count, key)
        pixels = images.reshape(count, self._height, self._width)
        values = _bilinear(pixels, row, column) / np.float32(255)
        return values.reshape(count, -1)

    def _sources(self, first: int, count: int, key: int) -> tuple[Floats, Floats]:
        """Where each pixel of each image is read: rows and columns, [n, height, width]."""
        limits, affine_key = self._augmentation, counter_random.layer_key(key, 0)
        draws = _uniform(first, (count, DRAWS_AN_IMAGE, 1, 1), affine_key)
        angle = draws[:, 0] * np.float32(math.radians(limits.rotation))
        row_scale, column_scale = (1 + draws[:, 1 + axis] * np.float32(limits.scale) for axis in (0, 1))
        shear = draws[:, 3] * np.float32(limits.shear)
        cosine, sine = np.cos(angle), np.sin(angle)
        centre_row, centre_column = np.float32((self._height - 1) / 2), np.float32((self._width - 1) / 2)
        r = (np.arange(self._height, dtype=np.float32) - centre_row)[None, :, None] * row_scale
        c = (np.arange(self._width, dtype=np.float32) - centre_column)[None, None, :] * column_scale + shear * r
        row = centre_row + cosine * r - sine * c + draws[:, 4] * np.float32(limits.shift)
        column = centre_column + sine * r + cosine * c + draws[:, 5] * np.float32(limits.shift)
        if self._elastic:
            field = self._field(first, count, counter_random.layer_key(key, 1))
            row, column = row + field[:, 0], column + field[:, 1]
        return row, column

    def _field(self, first: int, count: int, key: int) -> Floats:
        """The elastic displacements: [n, 2, height, width], in pixels."""
        shape = (count, 2, self._height + 2 * self._radius, self._width + 2 * self._radius)
        noise = _uniform(first, shape, key)
        field: Floats = self._smooth_rows @ (noise @ self._smooth_columns.T) * np.float32(self._augmentation.elastic_alpha)
        return field


def _banded(weights: npt.NDArray[np.float64], size: int) -> Floats:
    """The matrix that smooths ``size + 2 * radius`` values to ``size``."""
    matrix = np.zeros((size, size + len(weights) - 1), np.float32)
    for index in range(size):
        matrix[index, index : index + len(weights)] = weights
    return matrix


def _bilinear(pixels: npt.NDArray[np.uint8], row: Floats, column: Floats) -> Floats:
    count, height, width = pixels.shape
    top, left = np.floor(row), np.floor(column)
    down, right = row - top, column - left
    image = np.arange(count)[:, None, None]
    padded = np.pad(pixels, ((0, 0), (1, 1), (1, 1))).astype(np.float32)
    result = np.zeros_like(row)
    for dy, dx, weight in ((0, 0, (1 - down) * (1 - right)), (0, 1, (1 - down) * right), (1, 0, down * (1 - right)), (1, 1, down * right)):
        y = np.clip(top + (1 + dy), 0, height + 1).astype(np.intp)
        x = np.clip(left + (1 + dx), 0, width + 1).astype(np.intp)
        result += weight * padded[image, y, x]
    return result
