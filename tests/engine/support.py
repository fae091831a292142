"""A small data set, random states, and the way between the backends' flat buffers and the reference's layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from dataset import Dataset, Split
from engine import counter_random
from engine.backend import Backend, DeviceError, TrainingState
from engine.backends.wgpu.tiles import Workgroup, tiles_for
from engine.hyperparameters import configuration
from engine.hyperparameters.choices import OptimizerName
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network, build, from_tensors, tensor_shapes
from engine.steps import Steps, batches, epoch_steps
from tests.engine import reference

HEIGHT, WIDTH, CLASSES = 7, 7, 5
TRAIN, TEST = 150, 1100
PIXELS = HEIGHT * WIDTH
ROUNDING = 1e-6
"""What some updates of a float32 may cost, relative to it."""
UNDERFLOW = 1e-30
"""Squares of gradients below it are 0 in float32."""


def synthetic() -> Dataset:
    """Noisy copies of one image a class: a fifth of the pixels dark, the first pixel always, no image all dark."""
    generator = np.random.default_rng(2)
    kinds = generator.integers(0, 200, (CLASSES, PIXELS))
    labels = np.concatenate([np.arange(CLASSES), generator.integers(0, CLASSES, TRAIN + TEST - CLASSES)]).astype(np.uint8)
    images = kinds[labels] + generator.integers(-120, 56, (TRAIN + TEST, PIXELS))
    images = np.clip(images, 0, 255).astype(np.uint8)
    images[:, 0] = 0
    parts = Split(images[:TRAIN], labels[:TRAIN]), Split(images[TRAIN:].copy(), labels[TRAIN:].copy())
    return Dataset("synthetic", "", *parts, HEIGHT, WIDTH, tuple("abcde"), "")


DATA = synthetic()
IMAGES = np.concatenate([DATA.train.images, DATA.test.images])
LABELS = np.concatenate([DATA.train.labels, DATA.test.labels])
VALUES = IMAGES / 255.0
"""All samples in the backends' numbering, as the reference takes them."""


def hyperparameters(changes: dict[str, Any]) -> Hyperparameters:
    """A small network without regularisation, with some dotted keys set."""
    base = {"network.hidden": [16, 7], "regularization.dropout.hidden": 0.0, "learning_rate.initial": 0.01}
    return configuration.replace(Hyperparameters(), base | changes)


def network_of(values: Hyperparameters) -> Network:
    return build(values.network, PIXELS, CLASSES)


def random_state(values: Hyperparameters, seed: int = 1) -> TrainingState:
    """Every kind of parameter away from its starting value, moments of zero, and an average that the first step must overwrite."""
    network, generator = network_of(values), np.random.default_rng(seed)
    tensors = {}
    for name, shape in tensor_shapes(network).items():
        deviation = 1.5 / np.sqrt(shape[1]) if name.endswith("weight") else 0.2
        drawn = generator.normal(float(name.endswith("gain")), deviation, shape)
        tensors[name] = drawn.astype(np.float32)
    parameters = from_tensors(network, tensors)
    zero = np.zeros_like(parameters)
    return TrainingState(parameters, zero, zero.copy(), 3 * parameters if values.training.averaging else None)


def run_steps(
    values: Hyperparameters, samples: int = TRAIN, epochs: int = 1, number: int = 0
) -> Iterator[tuple[npt.NDArray[np.uint32], Steps]]:
    """The shuffled order and the steps of each epoch, at a constant rate; ``number`` steps were before them."""
    count = batches(samples, values.training.batch_size)
    for epoch in range(epochs):
        order = counter_random.permutation(values.training.seed, epoch, samples)
        yield order, epoch_steps(values, samples, number + epoch * count, np.full(count, values.learning_rate.initial))


def prepare(backend: Backend, values: Hyperparameters, state: TrainingState) -> None:
    backend.prepare(network_of(values), values)
    backend.set_state(state)
    backend.reset_tally()


def train(backend: Backend, order: npt.NDArray[np.uint32], steps: Steps) -> None:
    backend.set_order(order)
    backend.train(steps)


def resident_plan(values: Hyperparameters, lanes: int) -> dict[str, Any]:
    """A plan to ask for by which one workgroup trains the whole network, on an adapter whose subgroups are so wide."""
    tiles = tiles_for("software", network_of(values), values.training.batch_size, Workgroup())
    return {"name": "resident", "lanes": lanes, "tiles": tiles.plain()}


def subgroup_width(backend: Backend) -> int | None:
    """Of an adapter that has the synthetic data set; None where its subgroups are too narrow for a small network, or there are none."""
    values = hyperparameters({"network.hidden": [8, 8], "training.batch_size": 4})
    for lanes in (8, 16, 32, 64):
        try:
            backend.prepare(network_of(values), values, resident_plan(values, lanes))
        except DeviceError:
            continue
        return lanes
    return None


def layers(network: Network, flat: Floats) -> reference.Parameters:
    """The layers in a flat buffer, in float64."""
    found: reference.Parameters = []
    for layer in network.layers:
        rows = {"bias": layer.bias_row} | ({"gain": layer.gain_row, "shift": layer.shift_row} if layer.layer_norm else {})
        tensors = {"weight": layer.weight(flat)} | {name: layer.row(flat, row) for name, row in rows.items()}
        found.append({name: tensor.astype(np.float64) for name, tensor in tensors.items()})
    return found


def reference_state(network: Network, state: TrainingState) -> reference.State:
    parameters, first, second = (layers(network, buffer) for buffer in (state.parameters, state.first_moment, state.second_moment))
    return reference.State(parameters, first, second, None if state.average is None else layers(network, state.average))


def padding(network: Network) -> npt.NDArray[np.bool_]:
    """Where a flat buffer holds no parameter."""
    ones = {name: np.ones(shape, np.float32) for name, shape in tensor_shapes(network).items()}
    return np.equal(from_tensors(network, ones), 0)


def assert_close(
    found: reference.Parameters, expected: reference.Parameters, tolerance: float, start: reference.Parameters | None = None
) -> None:
    """Each tensor is off by at most ``tolerance`` of its length; with ``start``, of the way that it came from there, plus rounding."""
    for index, layer in enumerate(expected):
        assert found[index].keys() == layer.keys()
        for name, tensor in layer.items():
            distance, length = np.linalg.norm(found[index][name] - tensor), np.linalg.norm(tensor)
            allowed = tolerance * length + UNDERFLOW
            if start is not None:
                allowed = tolerance * np.linalg.norm(tensor - start[index][name]) + ROUNDING * length + UNDERFLOW
            assert distance <= allowed, f"layer {index}, {name}: off by {distance:.3g}, allowed {allowed:.3g}, length {length:.3g}"


def assert_state(values: Hyperparameters, found: TrainingState, before: TrainingState, expected: reference.State, tolerance: float) -> None:
    """The way that each parameter and its average went from ``before``, and its moments, are the expected ones."""
    network = network_of(values)
    actual, start = reference_state(network, found), layers(network, before.parameters)
    assert_close(actual.parameters, expected.parameters, tolerance, start)
    if values.optimizer.name is not OptimizerName.SGD:
        assert_close(actual.first, expected.first, tolerance)
        assert_close(actual.second, expected.second, 2 * tolerance)
    elif values.optimizer.momentum:
        assert_close(actual.first, expected.first, tolerance)
    assert (actual.average is None) == (expected.average is None)
    if actual.average is not None and expected.average is not None:
        assert_close(actual.average, expected.average, tolerance, start)
