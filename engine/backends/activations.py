"""The activations and their slopes in NumPy, into given arrays, for any float type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.hyperparameters import Activation

Array = npt.NDArray[Any]
Function = Callable[[Array, Array], None]
"""Takes the weighted sums and an array of the same shape to fill."""

LEAKY_SLOPE = 0.01
GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0, out=out)


def _relu_slope(z: Array, out: Array) -> None:
    np.greater(z, 0, out=out)


def _leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAKY_SLOPE, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_slope(z: Array, out: Array) -> None:
    np.greater(z, 0, out=out)
    np.maximum(out, LEAKY_SLOPE, out=out)


def _elu(z: Array, out: Array) -> None:
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    np.maximum(z, out, out=out)


def _elu_slope(z: Array, out: Array) -> None:
    np.minimum(z, 0, out=out)
    np.exp(out, out=out)


def _sigmoid(z: Array, out: Array) -> None:
    # Through tanh, which does not overflow where exp(-z) would.
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5


def _sigmoid_slope(z: Array, out: Array) -> None:
    _sigmoid(z, out)
    out *= 1 - out


def _swish(z: Array, out: Array) -> None:
    _sigmoid(z, out)
    out *= z


def _swish_slope(z: Array, out: Array) -> None:
    _sigmoid(z, out)
    out *= 1 + z * (1 - out)


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_slope(z: Array, out: Array) -> None:
    np.tanh(z, out=out)
    np.square(out, out=out)
    np.subtract(1, out, out=out)


def _gelu_inner(z: Array, out: Array) -> None:
    np.square(z, out=out)
    out *= GELU_CUBIC
    out += 1
    out *= z
    out *= GELU_SCALE
    np.tanh(out, out=out)


def _gelu(z: Array, out: Array) -> None:
    _gelu_inner(z, out)
    out += 1
    out *= z
    out *= 0.5


def _gelu_slope(z: Array, out: Array) -> None:
    _gelu_inner(z, out)
    inner_slope = GELU_SCALE * (1 + 3 * GELU_CUBIC * np.square(z))
    out[...] = 0.5 * (1 + out) + 0.5 * z * (1 - np.square(out)) * inner_slope


ACTIVATIONS: Mapping[Activation, tuple[Function, Function]] = MappingProxyType(
    {
        Activation.RELU: (_relu, _relu_slope),
        Activation.LEAKY_RELU: (_leaky_relu, _leaky_relu_slope),
        Activation.ELU: (_elu, _elu_slope),
        Activation.GELU: (_gelu, _gelu_slope),
        Activation.SIGMOID: (_sigmoid, _sigmoid_slope),
        Activation.SWISH: (_swish, _swish_slope),
        Activation.TANH: (_tanh, _tanh_slope),
    }
)
"""Each activation with its slope. The slope of relu and leaky_relu at 0 is that of the left side, as in PyTorch; gelu is the tanh form
(Hendrycks and Gimpel, 2016)."""
