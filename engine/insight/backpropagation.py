"""The forward pass with all that it leaves behind, and back-propagation, in NumPy: for looking into a trained network.

Written to be read: for any outputs' derivatives, not only those of the loss, and for float64 too. What trains does the same in place, as
fast as it can: ``backends/cpu/passes.py`` on the CPU, which has the formulas, and ``shaders/delta.wgsl`` and ``shaders/update.wgsl``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.activations import ACTIVATIONS
from engine.hyperparameters.choices import Loss
from engine.inference import LAYER_NORM_EPSILON
from engine.network import Layer, Network

Array = npt.NDArray[Any]
"""float32; or float64, where parameters and values are."""


@dataclass(frozen=True, eq=False)
class Passage:
    """What a forward pass left behind in one layer, for n samples."""

    layer: Layer
    inputs: Array
    """[n, inputs]."""
    sums: Array
    """What the activation is applied to; the raw outputs of the output layer: [n, outputs]."""
    activated: Array
    """[n, outputs]."""
    normalised: Array | None
    """With layer normalisation: the weighted sums with mean 0 and variance 1, [n, outputs]."""
    deviation: Array | None
    """With layer normalisation: the standard deviation that they were divided by for that, [n, 1]."""


@dataclass(frozen=True, eq=False)
class LayerGradient:
    """The derivative by each weight [inputs, outputs] and each bias [outputs] of a layer, summed over the samples."""

    weight: Array
    bias: Array


def forward(network: Network, parameters: Array, values: Array) -> list[Passage]:
    """What the forward pass of ``values`` [n, inputs], pixels from 0 to 1, leaves behind, layer by layer from the input. No dropout."""
    passages: list[Passage] = []
    for layer in network.layers:
        passages.append(_pass(layer, parameters, values))
        values = passages[-1].activated
    return passages


def _pass(layer: Layer, parameters: Array, values: Array) -> Passage:
    sums: Array = values @ layer.weight(parameters) + layer.row(parameters, layer.bias_row)
    normalised = deviation = None
    if layer.layer_norm:
        deviation = np.sqrt(sums.var(axis=1, keepdims=True) + sums.dtype.type(LAYER_NORM_EPSILON))
        normalised = (sums - sums.mean(axis=1, keepdims=True)) / deviation
        sums = normalised * layer.row(parameters, layer.gain_row) + layer.row(parameters, layer.shift_row)
    activated = sums
    if layer.activation is not None:
        activated = np.empty_like(sums)
        ACTIVATIONS[layer.activation].activate(sums, activated)
    return Passage(layer, values, sums, activated, normalised, deviation)


def deltas(passages: list[Passage], parameters: Array, delta: Array) -> list[Array]:
    """Back-propagation of any function of the outputs: its derivatives by each layer's weighted sums, [n, outputs] each, from the last
    layer to the first, and after them by the input, [n, inputs].

    ``delta`` [n, classes] are its derivatives by the raw outputs.
    """
    found = []
    for passage in reversed(passages):
        delta = _before_activation(passage, parameters, delta)
        found.append(delta)
        delta = delta @ passage.layer.weight(parameters).T
    return [*found, delta]


def _before_activation(passage: Passage, parameters: Array, delta: Array) -> Array:
    """The derivatives by a layer's weighted sums, from ``delta``, those by what its activation gives: [n, outputs]."""
    layer = passage.layer
    if layer.activation is not None:
        slope = np.empty_like(passage.sums)
        ACTIVATIONS[layer.activation].with_slope(passage.sums, np.empty_like(slope), slope)
        delta = delta * slope
    if passage.normalised is not None and passage.deviation is not None:
        delta = delta * layer.row(parameters, layer.gain_row)
        along = passage.normalised * (delta * passage.normalised).mean(axis=1, keepdims=True)
        delta = (delta - delta.mean(axis=1, keepdims=True) - along) / passage.deviation
    return delta


def input_gradient(passages: list[Passage], parameters: Array, delta: Array) -> Array:
    """The derivative of a function of the outputs by each pixel, [n, inputs]; ``delta`` as in ``deltas``."""
    return deltas(passages, parameters, delta)[-1]


def loss_gradients(passages: list[Passage], parameters: Array, labels: npt.NDArray[np.uint8], loss: Loss) -> list[LayerGradient]:
    """The gradient of the mean loss over the n samples that passed, whose ``labels`` are given, [n]: that of each layer, from input to
    output. Without label smoothing, dropout and elastic net.
    """
    outputs = passages[-1].sums
    if loss is Loss.CROSS_ENTROPY:
        found = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
    else:
        found = outputs.copy()
    found[np.arange(len(labels)), labels] -= 1
    found /= len(labels)
    *backwards, _ = deltas(passages, parameters, found)
    return [
        LayerGradient(passage.inputs.T @ delta, delta.sum(axis=0)) for passage, delta in zip(passages, reversed(backwards), strict=True)
    ]
