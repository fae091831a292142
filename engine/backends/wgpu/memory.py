"""The device's buffers for one network, and where each layer's activity lies in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.backend import DeviceError
from engine.backends.smoothing import smoothing_radius, smoothing_weights
from engine.backends.wgpu.errors import SMALLER, device_errors
from engine.hyperparameters.definitions import MAXIMUM_HIDDEN_LAYERS, Hyperparameters
from engine.hyperparameters.optimization import Optimizer
from engine.hyperparameters.regularization import MAXIMUM_ELASTIC_SIGMA, Augmentation
from engine.network import Network, padded

MAXIMUM_LAYERS = MAXIMUM_HIDDEN_LAYERS + 1
STEPS_A_SUBMIT = 256
STEP_RECORDS = STEPS_A_SUBMIT + 1
"""One more, of no samples: kernels look a step ahead."""
IMMEDIATE_WORDS = 4
SMOOTHING_WORDS = -(-(2 * smoothing_radius(MAXIMUM_ELASTIC_SIGMA) + 1) // 4)
"""Vectors of four that hold the weights of the widest elastic smoothing."""
CONSTANTS_BYTES = 4 * (24 + 4 * SMOOTHING_WORDS)
_LAYER_FIELDS = (
    "inputs", "outputs", "input_stride", "stride", "parameters", "values", "sums", "shifted", "outputs_at", "delta", "previous_argument",
    "previous_delta", "alternate",
)  # fmt: skip
LAYER = np.dtype([*((name, np.uint32) for name in _LAYER_FIELDS), ("padding", np.uint32, -len(_LAYER_FIELDS) % 4)])
"""``struct Layer`` in ``shaders/common.wgsl``, which says what each field is."""


@dataclass(frozen=True)
class Activity:
    """Offsets, in floats, into the activity buffer."""

    table: npt.NDArray[Any]
    """A LAYER for each layer: [MAXIMUM_LAYERS], zero beyond the network's last."""
    outputs: int
    """Where the network's outputs lie."""
    field: int
    """Where the elastic field lies."""
    size: int
    """Floats in all."""


def elastic_field_size(augmentation: Augmentation, height: int, width: int) -> int:
    """Floats that the elastic field of one image takes: one an axis and pixel, with a margin of the smoothing's radius above and
    below. 0 without elastic distortion.
    """
    if not augmentation.elastic_alpha:
        return 0
    return 2 * (height + 2 * smoothing_radius(augmentation.elastic_sigma)) * width


def lay_out(network: Network, rows: int, field_size: int) -> Activity:
    """Gives each layer its places for ``rows`` samples, a multiple of the tallest tile, and a field of ``field_size`` floats a sample."""
    size = 0

    def region(width: int) -> int:
        nonlocal size
        start = size
        size += rows * padded(width)
        return start

    table = np.zeros(MAXIMUM_LAYERS, LAYER)
    values, odd_values = region(network.inputs), region(network.inputs)
    previous_argument = previous_delta = outputs = 0
    for layer in network.layers:
        sums, delta = region(layer.outputs), region(layer.outputs)
        shifted = region(layer.outputs) if layer.layer_norm else sums
        outputs = sums if layer.activation is None else region(layer.outputs)
        record = table[layer.index]
        record["inputs"], record["outputs"] = layer.inputs, layer.outputs
        record["input_stride"], record["stride"] = padded(layer.inputs), layer.stride
        record["parameters"], record["values"], record["sums"], record["shifted"] = layer.offset, values, sums, shifted
        record["outputs_at"], record["delta"] = outputs, delta
        record["previous_argument"], record["previous_delta"] = previous_argument, previous_delta
        values, previous_argument = outputs, shifted
        previous_delta = shifted if layer.layer_norm else delta
    table[0]["alternate"] = odd_values - table[0]["values"]
    field = region(field_size)
    return Activity(table, outputs, field, size)


@dataclass(frozen=True)
class Places:
    """Sizes, and where what lies in the buffers."""

    order: int
    image_words: int
    parameters: int
    height: int
    width: int
    field: int


def optimizer_constants(optimizer: Optimizer) -> list[float]:
    """``struct Optimizer``."""
    floats = [optimizer.beta_1, optimizer.beta_2, 1 - optimizer.beta_1, 1 - optimizer.beta_2]
    return [*floats, optimizer.epsilon, optimizer.weight_decay, optimizer.momentum, 0]


def constants(hyperparameters: Hyperparameters, places: Places) -> bytes:
    """``struct Constants``. The labels begin at 0."""
    augmentation = hyperparameters.augmentation
    sigma = augmentation.elastic_sigma
    sizes = [0, places.order, places.image_words, places.parameters, places.height, places.width, places.field, smoothing_radius(sigma)]
    limits = [math.radians(augmentation.rotation), augmentation.scale, augmentation.shear, augmentation.shift]
    limits += [augmentation.elastic_alpha, 0, 0, 0, *smoothing_weights(sigma)]
    parts = ((optimizer_constants(hyperparameters.optimizer), np.float32), (sizes, np.uint32), (limits, np.float32))
    return b"".join(np.array(part, kind).tobytes() for part, kind in parts)


def create_buffer(device: Any, what: str, size: int, usage: int) -> Any:
    """A buffer of ``size`` bytes. Raises DeviceError, which names what it was for."""
    with device_errors(what):
        return device.create_buffer(size=max(16, check(device, what.capitalize(), size)), usage=usage)


def check(device: Any, what: str, size: int) -> int:
    """``size`` in bytes, if the device can bind that much. Raises DeviceError."""
    limit = min(device.limits["max-buffer-size"], device.limits["max-storage-buffer-binding-size"])
    if size > limit:
        raise DeviceError(
            f"{what} would take {size / 2**20:.0f} MiB; the device takes {limit / 2**20:.0f} MiB at once.",
            SMALLER,
        )
    return size
