"""The CPU backend's buffers: for one batch size, allocated once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.network import Floats, Layer, Network

FLOATS_A_CHUNK = 100_000
"""Input values prepared at once: enough to spread NumPy's cost a call over several small batches, few enough for the cache."""
MOST_STEPS_A_CHUNK = 64


@dataclass
class Activity:
    """One layer's numbers for a batch: [rows, outputs] each, unless said otherwise."""

    values: Floats
    """What the layer reads: [rows, bias_row + 1], padded with zeros, and a last column of ones for the biases."""
    sums: Floats
    """Weighted sums; with layer normalisation, normalised."""
    shifted: Floats
    """The activation's argument; ``sums`` itself without layer normalisation."""
    delta: Floats
    """The loss's derivative by the weighted sums."""
    slope: Floats
    inverse_deviation: Floats
    """[rows, 1]; layer normalisation."""


class Workspace:
    """Buffers for batches of ``rows`` samples; random numbers and inputs are drawn for ``steps`` batches at once."""

    def __init__(self, rows: int, network: Network) -> None:
        self.rows = rows
        first = network.layers[0]
        self.steps = max(1, min(MOST_STEPS_A_CHUNK, FLOATS_A_CHUNK // (rows * first.inputs)))
        count = self.steps * rows
        self.bytes = np.empty((count, first.inputs), np.uint8)
        self._values = _with_bias_column(count, first)
        self.inputs = self._values[:, : first.inputs]
        self.values = self._values.reshape(self.steps, rows, first.bias_row + 1)
        self.counters = [np.arange(rows * width, dtype=np.uint32) for width in network.sizes[:-1]]
        self.hidden_masks = [np.ones((self.steps, rows, layer.outputs), np.float32) for layer in network.layers[:-1]]
        self.targets = np.empty((self.steps, rows, network.classes), np.float32)
        self.outputs = np.empty((self.steps, rows, network.classes), np.float32)
        self.layers = [_activity(rows, layer) for layer in network.layers]


def _with_bias_column(rows: int, layer: Layer) -> Floats:
    values = np.zeros((rows, layer.bias_row + 1), np.float32)
    values[:, layer.bias_row] = 1
    return values


def _activity(rows: int, layer: Layer) -> Activity:
    def empty() -> npt.NDArray[np.float32]:
        return np.empty((rows, layer.outputs), np.float32)

    sums = empty()
    return Activity(
        values=_with_bias_column(rows, layer),
        sums=sums,
        shifted=empty() if layer.layer_norm else sums,
        delta=empty(),
        slope=empty(),
        inverse_deviation=np.empty((rows, 1), np.float32),
    )
