"""The activations and their slopes in NumPy, into given arrays, for any float type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.hyperparameters.choices import Activation

Array = npt.NDArray[Any]

LEAKY_SLOPE = 0.01
GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


@dataclass(frozen=True)
class ActivationFunction:
    """An activation, without and with its slope. The arrays that its functions take have one shape and type, and do not overlap."""

    activate: Callable[[Array, Array], None]
    """Takes the weighted sums and an array to fill."""
    with_slope: Callable[[Array, Array, Array], None]
    """The same, and a second array to fill, with the slopes."""


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0, out=out)


def _relu_with_slope(z: Array, out: Array, slope: Array) -> None:
    np.greater(z, 0, out=slope)
    np.maximum(z, 0, out=out)


def _leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAKY_SLOPE, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_with_slope(z: Array, out: Array, slope: Array) -> None:
    np.sign(z, out=slope)
    np.maximum(slope, LEAKY_SLOPE, out=slope)
    np.multiply(z, slope, out=out)


def _elu(z: Array, out: Array) -> None:
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    np.maximum(z, out, out=out)


def _elu_with_slope(z: Array, out: Array, slope: Array) -> None:
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    np.add(out, 1, out=slope)
    np.maximum(z, out, out=out)


def _sigmoid(z: Array, out: Array) -> None:
    # Through tanh, which does not overflow where exp(-z) would.
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5


def _sigmoid_with_slope(z: Array, out: Array, slope: Array) -> None:
    _sigmoid(z, out)
    np.subtract(1, out, out=slope)
    slope *= out


def _swish(z: Array, out: Array) -> None:
    _sigmoid(z, out)
    out *= z


def _swish_with_slope(z: Array, out: Array, slope: Array) -> None:
    """With s the sigmoid: z s, and s (1 + z (1 - s))."""
    _sigmoid(z, out)
    np.subtract(1, out, out=slope)
    slope *= z
    slope += 1
    slope *= out
    out *= z


def _tanh(z: Array, out: Array) -> None:
    np.tanh(z, out=out)


def _tanh_with_slope(z: Array, out: Array, slope: Array) -> None:
    np.tanh(z, out=out)
    np.square(out, out=slope)
    np.subtract(1, slope, out=slope)


def _gelu_tanh(z: Array, out: Array) -> None:
    np.square(z, out=out)
    out *= GELU_CUBIC
    out += 1
    out *= z
    out *= GELU_SCALE
    np.tanh(out, out=out)


def _gelu(z: Array, out: Array) -> None:
    _gelu_tanh(z, out)
    out += 1
    out *= z
    out *= 0.5


def _gelu_with_slope(z: Array, out: Array, slope: Array) -> None:
    """With t the hyperbolic tangent of u(z): z (1 + t) / 2, and (1 + t) / 2 (1 + z (1 - t) u'(z))."""
    _gelu_tanh(z, out)
    np.square(z, out=slope)
    slope *= 3 * GELU_CUBIC * GELU_SCALE
    slope += GELU_SCALE
    slope *= z
    slope *= 1 - out
    slope += 1
    out += 1
    out *= 0.5
    slope *= out
    out *= z


ACTIVATIONS: Mapping[Activation, ActivationFunction] = MappingProxyType(
    {
        Activation.RELU: ActivationFunction(_relu, _relu_with_slope),
        Activation.LEAKY_RELU: ActivationFunction(_leaky_relu, _leaky_relu_with_slope),
        Activation.ELU: ActivationFunction(_elu, _elu_with_slope),
        Activation.GELU: ActivationFunction(_gelu, _gelu_with_slope),
        Activation.SIGMOID: ActivationFunction(_sigmoid, _sigmoid_with_slope),
        Activation.SWISH: ActivationFunction(_swish, _swish_with_slope),
        Activation.TANH: ActivationFunction(_tanh, _tanh_with_slope),
    }
)
"""The slope of relu and leaky_relu at 0 is that of the left side, as in PyTorch; gelu is the tanh form (Hendrycks and Gimpel, 2016)."""
