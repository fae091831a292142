"""The network's shapes, and where each parameter lies in one flat buffer.

A layer is a row-major block of float32: one row an input (padded to a multiple of four rows), a row of biases, and, with layer
normalisation, a row of gains and one of shifts. Rows are padded to a multiple of four columns, one column an output. Padding is zero and
stays zero in training, so that kernels may read four numbers at a time and element-wise work may run over the whole buffer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.hyperparameters.choices import Activation, Initializer, Loss
from engine.hyperparameters.definitions import Network as NetworkHyperparameters

Floats = npt.NDArray[np.float32]


def padded(count: int) -> int:
    """``count`` rounded up to a multiple of four."""
    return -(-count // 4) * 4


@dataclass(frozen=True)
class Layer:
    """One layer: ``inputs`` to ``outputs``. ``offset`` counts floats from the start of the buffer."""

    index: int
    inputs: int
    outputs: int
    activation: Activation | None
    """None for the output layer."""
    layer_norm: bool
    offset: int

    @property
    def stride(self) -> int:
        """Floats from one row to the next."""
        return padded(self.outputs)

    @property
    def bias_row(self) -> int:
        return padded(self.inputs)

    @property
    def gain_row(self) -> int:
        return self.bias_row + 1

    @property
    def shift_row(self) -> int:
        return self.bias_row + 2

    @property
    def rows(self) -> int:
        return self.bias_row + (3 if self.layer_norm else 1)

    @property
    def size(self) -> int:
        """Floats, padding included."""
        return self.rows * self.stride

    @property
    def parameter_count(self) -> int:
        return self.outputs * (self.inputs + (3 if self.layer_norm else 1))

    def block(self, flat: Floats) -> Floats:
        """This layer's rows of a flat buffer, a view: [rows, stride]."""
        return flat[self.offset : self.offset + self.size].reshape(self.rows, self.stride)

    def weight(self, flat: Floats) -> Floats:
        """A view: [inputs, outputs]."""
        return self.block(flat)[: self.inputs, : self.outputs]

    def row(self, flat: Floats, row: int) -> Floats:
        """Biases, gains or shifts, a view: [outputs]."""
        return self.block(flat)[row, : self.outputs]


@dataclass(frozen=True)
class Network:
    """Layers from input to output."""

    layers: tuple[Layer, ...]
    loss: Loss

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def classes(self) -> int:
        return self.layers[-1].outputs

    @property
    def size(self) -> int:
        """Floats of the flat buffer, padding included."""
        return self.layers[-1].offset + self.layers[-1].size

    @property
    def parameter_count(self) -> int:
        return sum(layer.parameter_count for layer in self.layers)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons from input to output, such as (784, 256, 128, 10)."""
        return (self.inputs, *(layer.outputs for layer in self.layers))


def build(hyperparameters: NetworkHyperparameters, inputs: int, classes: int) -> Network:
    """The network that the hyperparameters describe for ``inputs`` pixels and ``classes`` classes."""
    sizes = (inputs, *hyperparameters.hidden, classes)
    activations: tuple[Activation | None, ...] = (*hyperparameters.activations, None)
    layers: list[Layer] = []
    offset = 0
    for index, activation in enumerate(activations):
        normalised = hyperparameters.layer_norm and activation is not None
        layer = Layer(index, sizes[index], sizes[index + 1], activation, normalised, offset)
        layers.append(layer)
        offset += layer.size
    return Network(tuple(layers), hyperparameters.loss)


def initial_parameters(network: Network, initializer: Initializer, seed: int) -> Floats:
    """A flat buffer with drawn weights, zero biases and shifts, and gains of one.

    he_normal: standard deviation sqrt(2 / inputs) (He et al., 2015, equation 10). xavier_uniform: bound sqrt(6 / (inputs + outputs))
    (Glorot and Bengio, 2010, equation 16). uniform: -1 to 1.
    """
    generator = np.random.Generator(np.random.Philox(seed))
    flat = np.zeros(network.size, np.float32)
    for layer in network.layers:
        shape = (layer.inputs, layer.outputs)
        if initializer is Initializer.HE_NORMAL:
            weight = generator.standard_normal(shape) * math.sqrt(2 / layer.inputs)
        else:
            bound = 1.0 if initializer is Initializer.UNIFORM else math.sqrt(6 / (layer.inputs + layer.outputs))
            weight = generator.uniform(-bound, bound, shape)
        layer.weight(flat)[:] = weight
        if layer.layer_norm:
            layer.row(flat, layer.gain_row)[:] = 1
    return flat


def _rows(layer: Layer) -> dict[str, int]:
    names = {"bias": layer.bias_row}
    if layer.layer_norm:
        names |= {"gain": layer.gain_row, "shift": layer.shift_row}
    return names


def to_tensors(network: Network, flat: Floats) -> dict[str, Floats]:
    """Named copies: ``layers.N.weight`` [out, in], ``layers.N.bias`` [out], with layer normalisation ``.gain`` and ``.shift`` [out]."""
    tensors: dict[str, Floats] = {}
    for layer in network.layers:
        tensors[f"layers.{layer.index}.weight"] = np.ascontiguousarray(layer.weight(flat).T)
        for name, row in _rows(layer).items():
            tensors[f"layers.{layer.index}.{name}"] = layer.row(flat, row).copy()
    return tensors


def tensor_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """What ``to_tensors`` yields, without the numbers."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in network.layers:
        shapes[f"layers.{layer.index}.weight"] = (layer.outputs, layer.inputs)
        shapes |= {f"layers.{layer.index}.{name}": (layer.outputs,) for name in _rows(layer)}
    return shapes


def from_tensors(network: Network, tensors: Mapping[str, Floats]) -> Floats:
    """The flat buffer of named tensors. Raises KeyError or ValueError where a name or a shape does not fit."""
    flat = np.zeros(network.size, np.float32)
    for layer in network.layers:
        layer.weight(flat)[:] = tensors[f"layers.{layer.index}.weight"].T
        for name, row in _rows(layer).items():
            layer.row(flat, row)[:] = tensors[f"layers.{layer.index}.{name}"]
    return flat
