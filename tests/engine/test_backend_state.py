"""What both backends say of their network: evaluation, outputs and state; that runs repeat to the bit; and that the backends agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dataset import Split
from engine.backend import Backend, DeviceError, TrainingState
from engine.backends.wgpu.backend import WgpuBackend
from tests.engine import reference
from tests.engine.support import (
    CLASSES,
    DATA,
    IMAGES,
    LABELS,
    PIXELS,
    TEST,
    TRAIN,
    VALUES,
    assert_close,
    assert_state,
    hyperparameters,
    layers,
    network_of,
    padding,
    prepare,
    random_state,
    reference_state,
    run_steps,
    train,
)

EVERYTHING: dict[str, Any] = {
    "network.layer_norm": True,
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.max_norm": 2.0,
    "regularization.label_smoothing": 0.1,
    "regularization.weights.l1": 1e-3,
    "training.averaging": 0.9,
    "training.batch_size": 16,
}


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_evaluation(backend: Backend, loss: str) -> None:
    """Any range of samples, without the dropout and the label smoothing of training, which it leaves alone."""
    values = hyperparameters({"network.loss": loss, "regularization.dropout.hidden": 0.5, "regularization.label_smoothing": 0.3})
    network, before = network_of(values), random_state(values)
    order, steps = next(run_steps(values))
    prepare(backend, values, before)
    train(backend, order, steps[:1])
    trained, parameters = backend.tally(), layers(network, backend.state().parameters)
    for first, count in ((0, TRAIN + TEST), (TRAIN, TEST), (TRAIN - 3, 10), (17, 64), (0, 1), (TRAIN + TEST - 1, 1)):
        part = slice(first, first + count)
        found, expected = backend.evaluate(first, count), reference.evaluate(values.network, parameters, VALUES[part], LABELS[part])
        assert (found.correct, found.samples) == (expected.correct, count)
        assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    assert backend.tally() == trained
    backend.train(steps[1:])
    state, tally = reference.train(values, reference_state(network, before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, state, 3e-4)
    assert (backend.tally().correct, backend.tally().samples) == (tally.correct, tally.samples)


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_outputs(backend: Backend, averaging: float) -> None:
    """Raw outputs for any images, of the average where there is one."""
    values = hyperparameters({"network.layer_norm": True, "training.averaging": averaging})
    state = random_state(values)
    prepare(backend, values, state)
    evaluated = layers(network_of(values), state.evaluated)
    other = np.random.default_rng(4).integers(0, 256, (9, PIXELS), np.uint8)
    for images in (IMAGES, IMAGES[:1], other):
        found, expected = backend.outputs(images), reference.forward(values.network, evaluated, images / 255).outputs
        assert found.shape == (len(images), CLASSES)
        assert found.dtype == np.float32
        assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()
    expected_tally = reference.evaluate(values.network, evaluated, VALUES[:TRAIN], LABELS[:TRAIN])
    assert backend.evaluate(0, TRAIN).loss == pytest.approx(expected_tally.loss, rel=1e-5)


def bits(state: TrainingState) -> tuple[bytes, ...]:
    buffers = state.parameters, state.first_moment, state.second_moment, state.average
    return tuple(b"" if buffer is None else buffer.tobytes() for buffer in buffers)


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_state_comes_back_to_the_bit(backend: Backend, averaging: float) -> None:
    values = hyperparameters({"training.averaging": averaging})
    given, network = random_state(values), network_of(values)
    drawn = np.random.default_rng(5).normal(size=(2, network.size)).astype(np.float32)
    drawn[:, padding(network)] = 0
    state = TrainingState(given.parameters, drawn[0], drawn[1] ** 2, given.average)
    prepare(backend, values, state)
    found = backend.state()
    assert bits(found) == bits(state)
    found.parameters[:] = 0
    assert bits(backend.state()) == bits(state), "state() must hand out copies"


def test_preparing_clears_the_state(backend: Backend) -> None:
    values = hyperparameters({"training.averaging": 0.9})
    prepare(backend, values, random_state(values))
    backend.prepare(network_of(values), values)
    state = backend.state()
    for buffer in (state.parameters, state.first_moment, state.second_moment, state.average):
        assert buffer is not None
        assert buffer.shape == (network_of(values).size,)
        assert not buffer.any()


def test_the_same_run_gives_the_same_bits(backend: Backend) -> None:
    """However the steps are handed over, and whatever was trained in between."""
    values, other = hyperparameters(EVERYTHING | {"training.batch_size": 1}), hyperparameters({"network.hidden": [33]})
    epochs = list(run_steps(values, epochs=2))
    steps = np.concatenate([steps for _, steps in epochs])
    outcomes = []
    for pieces in (1, 10, 3):
        prepare(backend, values, random_state(values))
        backend.set_order(epochs[0][0])
        for piece in np.array_split(steps, pieces):
            backend.train(piece)
        outcomes.append((backend.tally(), bits(backend.state())))
        prepare(backend, other, random_state(other))
        train(backend, *next(run_steps(other)))
    (tally, state), *others = outcomes
    for other_tally, other_state in others:
        assert other_state == state
        assert (other_tally.correct, other_tally.samples) == (tally.correct, tally.samples)
        assert other_tally.loss == pytest.approx(tally.loss, rel=1e-6)


def test_a_run_goes_on_from_its_state_to_the_bit(backend: Backend) -> None:
    values = hyperparameters(EVERYTHING)
    outcomes = []
    for stop_between in (False, True):
        prepare(backend, values, random_state(values))
        for order, steps in run_steps(values, epochs=2):
            train(backend, order, steps)
            if stop_between:
                prepare(backend, values, backend.state())
        outcomes.append(bits(backend.state()))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("case", [{}, EVERYTHING, {"network.loss": "squared_error"}], ids=["plain", "everything", "squared error"])
def test_the_backends_agree_over_fifty_steps(cpu: Backend, wgpu: Backend, case: dict[str, Any]) -> None:
    values = hyperparameters(case | {"training.batch_size": 15})
    outcomes = []
    for backend in (cpu, wgpu):
        prepare(backend, values, random_state(values))
        for order, steps in run_steps(values, epochs=5):
            backend.reset_tally()
            train(backend, order, steps)
        losses = backend.tally().loss, backend.evaluate(TRAIN, TEST).loss
        outcomes.append((losses, layers(network_of(values), backend.state().evaluated)))
    (losses, parameters), (other_losses, other_parameters) = outcomes
    assert other_losses == pytest.approx(losses, rel=1e-4)
    assert_close(other_parameters, parameters, 1e-3)


def test_data_that_could_not_be_loaded_is_loaded_anew(wgpu: WgpuBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    values = hyperparameters({})
    prepare(wgpu, values, random_state(values))
    expected = wgpu.evaluate(0, TRAIN)
    swapped = replace(DATA, train=Split(255 - DATA.train.images, DATA.train.labels))

    def fail(*_: object) -> None:
        raise DeviceError("The device is full.", "Wait.")

    for dataset in (swapped, DATA):
        with monkeypatch.context() as patched:
            patched.setattr("engine.backends.wgpu.samples.Samples.write_images", fail)
            with pytest.raises(DeviceError):
                wgpu.load(dataset)
        wgpu.load(dataset)
        prepare(wgpu, values, random_state(values))
        assert (wgpu.evaluate(0, TRAIN) == expected) == (dataset is DATA)
