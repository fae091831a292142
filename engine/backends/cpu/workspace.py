"""The CPU backend's buffers for batches of one size, allocated once, and every view of them that a training step needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.activations import ACTIVATIONS
from engine.backends.cpu.layer_norm import LayerNorm
from engine.network import Floats, Layer, Network


@dataclass(slots=True)
class Weights:
    """One layer's parameters and their gradient: views."""

    block: Floats
    """Weights and, in the row after them, biases: [bias_row + 1, outputs]. One product serves both."""
    transposed: Floats
    """Weights alone: [outputs, inputs]."""
    gradient: Floats
    """The gradient of ``block``, of the same shape."""
    product: Callable[..., Any]
    """What fills ``gradient``: ``dot`` is the quickest for small matrices, but fills none with gaps between its rows."""


@dataclass(slots=True)
class Hidden:
    """One hidden layer's numbers for a batch: [rows, outputs] each."""

    sums: Floats
    """Weighted sums; with layer normalisation, normalised."""
    shifted: Floats
    """The activation's argument; ``sums`` itself without layer normalisation."""
    activated: Floats
    """What the activation gives, dropout included."""
    following: Floats
    """What the next layer reads, without its column of ones: a view. ``activated`` is copied there, as work in place would be slower."""
    delta: Floats
    """The loss's derivative by the weighted sums."""
    slope: Floats
    """The derivative of ``activated`` by ``shifted``, dropout included."""
    norm: LayerNorm | None
    activate: Callable[[Floats, Floats, Floats], None]


@dataclass(slots=True)
class Batch:
    """What differs from one step of a chunk to the next: views."""

    values: list[Floats]
    """What each layer reads: [rows, bias_row + 1], padded with zeros, and a last column of ones for the biases."""
    transposed: list[Floats]
    """The same: [bias_row + 1, rows]."""
    masks: list[Floats]
    """Dropout's factors for each hidden layer."""
    targets: Floats
    outputs: Floats


class Workspace:
    """Buffers for ``rows`` samples of a batch of ``batch_size``; inputs and random numbers are drawn for ``steps`` batches at once."""

    def __init__(self, rows: int, batch_size: int, steps: int, network: Network, parameters: Floats, gradient: Floats) -> None:
        first, classes, count = network.layers[0], network.classes, steps * rows
        self.rows, self.steps = rows, steps
        self.pixels = np.empty((count, first.inputs), np.uint8)
        inputs = _with_bias_column(count, first)
        self.inputs = inputs[:, : first.inputs]
        self.masks = [np.ones((steps, rows, layer.outputs), np.float32) for layer in network.layers[:-1]]
        self.targets, self.outputs = (np.empty((count, classes), np.float32) for _ in range(2))
        self.weights = [_weights(layer, parameters, gradient) for layer in network.layers]
        read = [_with_bias_column(rows, layer) for layer in network.layers[1:]]
        self.hidden = [
            _hidden(layer, rows, following, parameters, gradient) for layer, following in zip(network.layers, read, strict=False)
        ]
        self.peaks = np.empty((rows, 1), np.float32)
        self.delta, self.totals = (np.empty((rows, classes), np.float32) for _ in range(2))
        self.ones = np.ones((classes, classes), np.float32)
        self.share = np.array(1 / batch_size, np.float32)
        """The part that one sample has in the batch's mean loss."""
        self.batches = [self._batch(slice(step * rows, (step + 1) * rows), step, inputs, read) for step in range(steps)]

    def _batch(self, rows: slice, step: int, inputs: Floats, read: list[Floats]) -> Batch:
        values = [inputs[rows], *read]
        return Batch(values, [each.T for each in values], [mask[step] for mask in self.masks], self.targets[rows], self.outputs[rows])


def _with_bias_column(rows: int, layer: Layer) -> Floats:
    values = np.zeros((rows, layer.bias_row + 1), np.float32)
    values[:, layer.bias_row] = 1
    return values


def _weights(layer: Layer, parameters: Floats, gradient: Floats) -> Weights:
    block, change = (layer.block(flat)[: layer.bias_row + 1, : layer.outputs] for flat in (parameters, gradient))
    return Weights(block, layer.weight(parameters).T, change, np.dot if change.flags.c_contiguous else np.matmul)


def _hidden(layer: Layer, rows: int, following: Floats, parameters: Floats, gradient: Floats) -> Hidden:
    assert layer.activation is not None
    sums, shifted, activated, delta, slope = (np.empty((rows, layer.outputs), np.float32) for _ in range(5))
    norm = LayerNorm(layer, rows, parameters, gradient) if layer.layer_norm else None
    activate = ACTIVATIONS[layer.activation].with_slope
    return Hidden(sums, shifted if norm else sums, activated, following[:, : layer.outputs], delta, slope, norm, activate)
