"""Layer normalisation in NumPy, for one layer and batches of one size (Ba, Kiros and Hinton, 2016).

Each sample's weighted sums z are brought to mean 0 and variance 1 over the layer's neurons, then scaled and moved by a gain and a shift
that are learned:

    n = (z - mean(z)) / sqrt(var(z) + epsilon)        shifted = gain * n + shift

On the way back, with d the derivative of the loss by ``shifted``, the gain's gradient is d * n and the shift's is d, both summed over the
samples. Mean and variance depend on every z of the sample, so that with e = gain * d the derivative by z is

    (e - mean(e) - n * mean(e * n)) / sqrt(var(z) + epsilon)
"""

from __future__ import annotations

import numpy as np

from engine import inference
from engine.network import Floats, Layer

EPSILON = np.float32(inference.LAYER_NORM_EPSILON)


class LayerNorm:
    """Works on arrays [rows, outputs], in place, with views of the layer's gains and shifts and of their gradients."""

    def __init__(self, layer: Layer, rows: int, parameters: Floats, gradient: Floats) -> None:
        self._gain, self._shift = (layer.row(parameters, row) for row in (layer.gain_row, layer.shift_row))
        self._gain_gradient, self._shift_gradient = (layer.row(gradient, row) for row in (layer.gain_row, layer.shift_row))
        self._inverse_deviation = np.empty((rows, 1), np.float32)

    def forward(self, sums: Floats, shifted: Floats) -> None:
        """Normalises ``sums`` in place, and fills ``shifted`` with what the activation takes."""
        sums -= sums.mean(axis=1, keepdims=True)
        variance = np.square(sums).mean(axis=1, keepdims=True)
        np.divide(1, np.sqrt(variance + EPSILON), out=self._inverse_deviation)
        sums *= self._inverse_deviation
        np.multiply(sums, self._gain, out=shifted)
        shifted += self._shift

    def backward(self, delta: Floats, normalised: Floats) -> None:
        """Turns ``delta``, the derivative by the shifted sums, into that by the weighted sums, and fills the gradients of gains and shifts.
        ``normalised`` is what ``forward`` made of the sums.
        """
        np.sum(delta * normalised, axis=0, out=self._gain_gradient)
        np.sum(delta, axis=0, out=self._shift_gradient)
        delta *= self._gain
        mean = delta.mean(axis=1, keepdims=True)
        projection = (delta * normalised).mean(axis=1, keepdims=True)
        delta -= mean
        delta -= normalised * projection
        delta *= self._inverse_deviation
