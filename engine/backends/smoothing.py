"""The Gaussian that smooths the noise of elastic distortion, on both backends."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def smoothing_radius(sigma: float) -> int:
    """How many pixels to either side the Gaussian reaches, which is cut off at three sigma."""
    return math.ceil(3 * sigma)


def smoothing_weights(sigma: float) -> npt.NDArray[np.float64]:
    """A Gaussian cut off at three sigma, adding up to 1: [2 * radius + 1]."""
    radius = smoothing_radius(sigma)
    if not radius:
        return np.ones(1)
    twice_variance = max(2 * sigma**2, np.finfo(np.float64).tiny)  # the square of a very small sigma is 0
    weights = np.exp(-np.square(np.arange(-radius, radius + 1)) / twice_variance)
    return np.asarray(weights / weights.sum())
