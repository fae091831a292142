"""What a network says about images, in NumPy: for evaluation, for live predictions, and as the CPU backend's forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import threadpoolctl

from engine.activations import ACTIVATIONS
from engine.hyperparameters.choices import Loss
from engine.network import Floats, Layer, Network

LAYER_NORM_EPSILON = 1e-5
ROWS = 1000
"""Images at a time, which bounds the memory of wide networks."""


def outputs(network: Network, parameters: Floats, images: npt.NDArray[np.uint8]) -> Floats:
    """Raw outputs, before any softmax, of a flat buffer of parameters for images [n, inputs]: [n, classes]. No dropout.

    In one thread, so that a model says the same to the bit wherever it is asked on a machine.
    """
    with _blas().limit(limits=1, user_api="blas"):
        return unlimited_outputs(network, parameters, images)


@cache
def _blas() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()


def unlimited_outputs(network: Network, parameters: Floats, images: npt.NDArray[np.uint8]) -> Floats:
    """As ``outputs``, but in as many threads as BLAS has been given, on whose number the last bits depend."""
    result = np.empty((len(images), network.classes), np.float32)
    for begin in range(0, len(images), ROWS):
        rows = slice(begin, begin + ROWS)
        values: Floats = np.divide(images[rows], 255, dtype=np.float32)
        for layer in network.layers:
            values = _layer(layer, parameters, values)
        result[rows] = values
    return result


def _layer(layer: Layer, parameters: Floats, values: Floats) -> Floats:
    sums = values @ layer.weight(parameters)
    sums += layer.row(parameters, layer.bias_row)
    if layer.activation is None:
        return sums
    if layer.layer_norm:
        _normalise(sums)
        sums *= layer.row(parameters, layer.gain_row)
        sums += layer.row(parameters, layer.shift_row)
    activated = np.empty_like(sums)
    ACTIVATIONS[layer.activation].activate(sums, activated)
    return activated


def _normalise(sums: Floats) -> None:
    """Each row to mean 0 and variance 1, in place (Ba et al., 2016)."""
    sums -= sums.mean(axis=1, keepdims=True)
    variance = np.square(sums).mean(axis=1, keepdims=True)
    sums /= np.sqrt(variance + np.float32(LAYER_NORM_EPSILON))


def probabilities(raw: Floats, loss: Loss) -> Floats:
    """A probability for each class, rows adding up to 1: [n, classes].

    With cross_entropy the softmax of the outputs; with squared_error the outputs clipped to [0, 1] and normalised, evenly spread where
    all of them are 0 or less.
    """
    if loss is Loss.CROSS_ENTROPY:
        result: Floats = np.exp(raw - raw.max(axis=1, keepdims=True))
    else:
        result = np.clip(raw, 0, 1)
        result[result.sum(axis=1) == 0] = 1
    result /= result.sum(axis=1, keepdims=True)
    return result


def together(outputs: Sequence[Floats], loss: Loss) -> Floats:
    """Outputs of an ensemble, from the raw outputs of its members, [n, classes] each: their ``probabilities`` are the mean of those of
    the members. [n, classes]

    With cross_entropy the logarithms of the mean probabilities, with squared_error the mean probabilities themselves. Of a network alone,
    its own raw outputs.
    """
    if len(outputs) == 1:
        return outputs[0]
    if loss is not Loss.CROSS_ENTROPY:
        shares = np.stack([probabilities(raw, loss) for raw in outputs]).astype(np.float64)
        mean: Floats = (shares.sum(axis=0) / len(outputs)).astype(np.float32)
        return mean
    members = np.stack(outputs).astype(np.float64)
    members -= members.max(axis=-1, keepdims=True)
    members -= np.log(np.exp(members).sum(axis=-1, keepdims=True))
    result: Floats = (np.logaddexp.reduce(members, axis=0) - np.log(len(members))).astype(np.float32)
    return result


def rank(row: Floats) -> npt.NDArray[np.intp]:
    """The classes of one row of outputs or probabilities, the likeliest first; of equal ones the lower class first: [classes]."""
    return np.argsort(-row, kind="stable")


def sample_losses(raw: Floats, labels: npt.NDArray[np.uint8], loss: Loss) -> Floats:
    """The loss of each sample, without label smoothing and elastic net: [n].

    cross_entropy: minus the logarithm of the label's softmax; squared_error: half the squared error, summed over the outputs.
    """
    rows = np.arange(len(labels))
    if loss is Loss.CROSS_ENTROPY:
        shifted = raw - raw.max(axis=1, keepdims=True)
        losses: Floats = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, labels]
    else:
        error = raw.copy()
        error[rows, labels] -= 1
        losses = np.float32(0.5) * np.square(error).sum(axis=1)
    return losses
