"""Both backends against the float64 reference.

They compute in float32, whose numbers are exact to 6e-8. A gradient is a sum over at most some thousand products, so that a tensor of them is good to some 1e-6 of its
length; a bound of 1e-4 leaves room for the adapters' exp and tanh, and still finds a wrong constant. Parameters after many steps may differ a little more: an error
grows from step to step, and a sum near 0 may take the other side of relu's kink.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backend import Backend, TrainingState
from engine.hyperparameters import Activation, Hyperparameters, Loss
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
    random_state,
    reference_state,
    run_steps,
    start,
)

GRADIENT = 1e-4
AFTER_MANY_STEPS = 1e-3
MOMENTUM = {"optimizer.name": "sgd", "optimizer.momentum": 0.9}


GRADIENT_CASES: list[dict[str, Any]] = [
    {"network.hidden": [16, 7], "network.activation": [one, other], "network.loss": loss, "network.layer_norm": norm}
    for one, other, loss, norm in [
        (Activation.RELU, Activation.TANH, Loss.CROSS_ENTROPY, False),
        (Activation.LEAKY_RELU, Activation.GELU, Loss.SQUARED_ERROR, False),
        (Activation.ELU, Activation.SWISH, Loss.CROSS_ENTROPY, False),
        (Activation.SIGMOID, Activation.ELU, Loss.SQUARED_ERROR, False),
        (Activation.GELU, Activation.RELU, Loss.CROSS_ENTROPY, True),
        (Activation.SWISH, Activation.SIGMOID, Loss.SQUARED_ERROR, True),
        (Activation.TANH, Activation.LEAKY_RELU, Loss.CROSS_ENTROPY, True),
    ]
]
GRADIENT_CASES += [
    {"network.hidden": hidden, "network.loss": loss, "network.layer_norm": norm}
    for hidden, loss, norm in [
        ([], Loss.CROSS_ENTROPY, False),
        ([], Loss.SQUARED_ERROR, False),
        ([1], Loss.CROSS_ENTROPY, False),
        ([33], Loss.SQUARED_ERROR, True),
        ([33, 1, 7], Loss.CROSS_ENTROPY, False),
        ([7, 130, 33, 16], Loss.SQUARED_ERROR, True),
    ]
]


@pytest.mark.parametrize("case", GRADIENT_CASES, ids=lambda case: " ".join(map(str, case.values())))
def test_gradients(backend: Backend, case: dict[str, Any]) -> None:
    """After one step of sgd from moments of zero, its momentum is the gradient itself, to the bit and without a subtraction."""
    values = hyperparameters(case | MOMENTUM)
    network, before = network_of(values), random_state(values)
    backend.prepare(network, values)
    for samples in (1, 3, 64):
        order, steps = next(run_steps(values, samples))
        backend.set_state(before)
        backend.set_order(order)
        backend.train(steps)
        found = layers(network, backend.state().first_moment)
        parameters = layers(network, before.parameters)
        expected = reference.gradients(values.network, parameters, VALUES[order], LABELS[order], steps[0])
        assert_close(found, expected, GRADIENT)


TRAINING_CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "batches of three": {"training.batch_size": 3},
    "layer norm": {"network.layer_norm": True},
    "squared error": {"network.loss": "squared_error"},
    "l1 on weights": {"regularization.weights.l1": 0.01},
    "l2 on weights": {"regularization.weights.l2": 0.05},
    "l1 on biases": {"regularization.biases.l1": 0.02},
    "l2 on biases": {"regularization.biases.l2": 0.1},
    "elastic net with layer norm": {
        "network.layer_norm": True,
        **{f"regularization.{part}.{name}": 0.02 for part in ("weights", "biases") for name in ("l1", "l2")},
    },
    "input dropout": {"regularization.dropout.input": 0.2},
    "hidden dropout": {"regularization.dropout.hidden": 0.5},
    "both dropouts": {"regularization.dropout.input": 0.1, "regularization.dropout.hidden": 0.3, "network.layer_norm": True},
    "max norm": {"regularization.max_norm": 1.2},
    "label smoothing": {"regularization.label_smoothing": 0.2},
    "label smoothing of squared error": {"regularization.label_smoothing": 0.2, "network.loss": "squared_error"},
    "averaging": {"training.averaging": 0.8},
    "averaging after max norm": {"training.averaging": 0.9, "regularization.max_norm": 1.2},
    "adam": {"optimizer.beta_1": 0.7, "optimizer.beta_2": 0.95, "optimizer.epsilon": 1e-3, "optimizer.weight_decay": 0.1},
    "adamw": {"optimizer.name": "adamw", "optimizer.weight_decay": 0.5},
    "sgd": {"optimizer.name": "sgd", "optimizer.weight_decay": 0.1, "learning_rate.initial": 0.1},
    "momentum": MOMENTUM | {"optimizer.weight_decay": 0.1},
    "nesterov": MOMENTUM | {"optimizer.nesterov": True, "optimizer.weight_decay": 0.1, "network.layer_norm": True},
}


@pytest.mark.parametrize("case", TRAINING_CASES.values(), ids=TRAINING_CASES)
def test_training(backend: Backend, case: dict[str, Any]) -> None:
    """The state and the metrics after one step, and after seven epochs of 64, 64 and 22 samples (batches of three: 21 steps of one epoch and 29 of the next)."""
    values = hyperparameters(case)
    before = random_state(values)
    start(backend, values, before)
    expected = reference_state(network_of(values), before)
    epochs = list(run_steps(values, epochs=2 if values.training.batch_size == 3 else 7))

    order, steps = epochs[0]
    backend.set_order(order)
    backend.train(steps[:1])
    expected, metrics = reference.train(values, expected, VALUES, LABELS, order, steps[:1])
    assert_state(values, backend.state(), before, expected, GRADIENT)
    found = backend.metrics()
    assert (found.correct, found.samples) == (metrics.correct, metrics.samples)
    assert found.loss == pytest.approx(metrics.loss, rel=1e-5)

    remaining = [(order, steps[1:21]), *((order, steps[:29]) for order, steps in epochs[1:])]
    for order, steps in remaining:
        backend.reset_metrics()
        backend.set_order(order)
        backend.train(steps)
        expected, metrics = reference.train(values, expected, VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected, AFTER_MANY_STEPS)
    found = backend.metrics()
    assert (found.correct, found.samples) == (metrics.correct, metrics.samples)
    assert found.loss == pytest.approx(metrics.loss, rel=1e-4)
    assert not backend_padding(values, backend.state()).any()


def backend_padding(values: Hyperparameters, state: TrainingState) -> np.ndarray[Any, np.dtype[np.float32]]:
    where = padding(network_of(values))
    buffers = [state.parameters, state.first_moment, state.second_moment, *([] if state.average is None else [state.average])]
    return np.concatenate([buffer[where] for buffer in buffers])


def test_padding_stays_zero_with_every_regularisation(backend: Backend) -> None:
    values = hyperparameters(
        {
            "network.layer_norm": True,
            "network.activation": "sigmoid",  # whose value at 0 is not 0
            "optimizer.weight_decay": 0.1,
            "regularization.max_norm": 1.0,
            "regularization.dropout.input": 0.3,
            "regularization.dropout.hidden": 0.3,
            "training.averaging": 0.9,
            **{f"regularization.{part}.{name}": 0.02 for part in ("weights", "biases") for name in ("l1", "l2")},
        }
    )
    start(backend, values, random_state(values))
    order, steps = next(run_steps(values))
    backend.set_order(order)
    backend.train(steps)
    found = backend_padding(values, backend.state())
    assert len(found) > 100
    assert not found.any()


def test_max_norm_holds_in_every_layer(backend: Backend) -> None:
    values = hyperparameters({"regularization.max_norm": 0.75})
    start(backend, values, random_state(values))
    order, steps = next(run_steps(values))
    backend.set_order(order)
    backend.train(steps)
    for layer in layers(network_of(values), backend.state().parameters):
        norms = np.linalg.norm(layer["weight"], axis=0)
        assert norms.max() == pytest.approx(0.75, rel=1e-6)


def test_steps_may_start_anywhere_in_the_order(backend: Backend) -> None:
    """A subset of the samples, in an order of its own, and steps that neither begin at 0 nor follow one another."""
    values = hyperparameters({"training.batch_size": 16})
    before = random_state(values)
    start(backend, values, before)
    order = np.random.default_rng(3).permutation(TRAIN)[:90].astype(np.uint32)
    _, steps = next(run_steps(values))
    steps = steps[:4]
    steps["first"], steps["samples"] = [70, 5, 41, 89], [16, 11, 16, 1]
    backend.set_order(order)
    backend.train(steps)
    expected, metrics = reference.train(values, reference_state(network_of(values), before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected, GRADIENT)
    assert backend.metrics().samples == metrics.samples == 44


def test_each_step_has_its_own_hyperparameters(backend: Backend) -> None:
    """What may change while training is read from the step, not from what the backend was prepared for."""
    values = hyperparameters({"training.averaging": 0.5})
    before = random_state(values)
    start(backend, values, before)
    order, steps = next(run_steps(values))
    changed = {"regularization.dropout.input": 0.2, "regularization.dropout.hidden": 0.4, "regularization.max_norm": 1.2}
    changed |= {"regularization.label_smoothing": 0.3, "learning_rate.initial": 0.003}
    changed |= {f"regularization.{part}.{name}": 0.02 for part in ("weights", "biases") for name in ("l1", "l2")}
    steps[1:] = next(run_steps(hyperparameters(changed | {"training.averaging": 0.9})))[1][1:]
    backend.set_order(order)
    backend.train(steps)
    expected, metrics = reference.train(values, reference_state(network_of(values), before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected, 3 * GRADIENT)
    assert backend.metrics().loss == pytest.approx(metrics.loss, rel=1e-5)


@pytest.mark.parametrize("loss", Loss)
def test_evaluation(backend: Backend, loss: Loss) -> None:
    """Any range of samples, without the dropout and the label smoothing of training, which it leaves alone."""
    values = hyperparameters({"network.loss": loss, "regularization.dropout.hidden": 0.5, "regularization.label_smoothing": 0.3})
    network, before = network_of(values), random_state(values)
    start(backend, values, before)
    order, steps = next(run_steps(values))
    backend.set_order(order)
    backend.train(steps[:1])
    state, trained = backend.state(), backend.metrics()
    parameters = layers(network, state.parameters)
    for first, count in ((0, TRAIN + TEST), (0, 1), (TRAIN, TEST), (TRAIN - 3, 10), (17, 64), (TRAIN + TEST - 1, 1)):
        part = slice(first, first + count)
        found, expected = backend.evaluate(first, count), reference.evaluate(values.network, parameters, VALUES[part], LABELS[part])
        assert (found.correct, found.samples) == (expected.correct, count)
        assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    assert backend.metrics() == trained
    backend.train(steps[1:])
    expected_state, metrics = reference.train(values, reference_state(network, before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected_state, 3 * GRADIENT)
    assert backend.metrics().correct == metrics.correct


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_outputs(backend: Backend, averaging: float) -> None:
    """Raw outputs for any images, of the average where there is one."""
    values = hyperparameters({"network.layer_norm": True, "training.averaging": averaging})
    network = network_of(values)
    start(backend, values, random_state(values))
    evaluated = layers(network, random_state(values).evaluated)
    other = np.random.default_rng(4).integers(0, 256, (9, PIXELS), np.uint8)
    for images in (IMAGES, IMAGES[:1], other):
        found = backend.outputs(images)
        expected = reference.forward(values.network, evaluated, images / 255).outputs
        assert found.shape == (len(images), CLASSES)
        assert found.dtype == np.float32
        assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()
    evaluation = backend.evaluate(0, TRAIN)
    assert evaluation.loss == pytest.approx(reference.evaluate(values.network, evaluated, VALUES[:TRAIN], LABELS[:TRAIN]).loss, rel=1e-5)


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
    start(backend, values, state)
    found = backend.state()
    assert bits(found) == bits(state)
    found.parameters[:] = 0
    assert bits(backend.state()) == bits(state)


def test_preparing_clears_the_state(backend: Backend) -> None:
    values = hyperparameters({"training.averaging": 0.9})
    start(backend, values, random_state(values))
    backend.prepare(network_of(values), values)
    state = backend.state()
    for buffer in (state.parameters, state.first_moment, state.second_moment, state.average):
        assert buffer is not None
        assert buffer.shape == (network_of(values).size,)
        assert not buffer.any()


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


def test_the_same_run_gives_the_same_bits(backend: Backend) -> None:
    """However the steps are handed over, and whatever was trained in between."""
    values = hyperparameters(EVERYTHING)
    before = random_state(values)
    outcomes = []
    for pieces in (1, 10, 3):
        start(backend, values, before)
        for order, steps in run_steps(values, epochs=3):
            backend.set_order(order)
            for piece in np.array_split(steps, pieces):
                backend.train(piece)
        outcomes.append((bits(backend.state()), backend.metrics()))
        other = hyperparameters({"network.hidden": [33]})
        start(backend, other, random_state(other))
        backend.train(next(run_steps(other))[1])
    assert outcomes[0][0] == outcomes[1][0] == outcomes[2][0]
    assert outcomes[0][1].correct == outcomes[1][1].correct == outcomes[2][1].correct


def test_a_run_goes_on_from_its_state_to_the_bit(backend: Backend) -> None:
    values = hyperparameters(EVERYTHING)
    start(backend, values, random_state(values))
    for stop_between in (False, True):
        start(backend, values, random_state(values))
        for order, steps in run_steps(values, epochs=2):
            backend.set_order(order)
            backend.train(steps)
            if stop_between:
                start(backend, values, backend.state())
        if not stop_between:
            whole = bits(backend.state())
    assert bits(backend.state()) == whole


@pytest.mark.parametrize("case", [{}, EVERYTHING, {"network.loss": "squared_error"}], ids=["plain", "everything", "squared error"])
def test_the_backends_agree_over_fifty_steps(cpu: Backend, wgpu: Backend, case: dict[str, Any]) -> None:
    values = hyperparameters(case | {"training.batch_size": 15})
    network, outcomes = network_of(values), []
    for backend in (cpu, wgpu):
        start(backend, values, random_state(values))
        for order, steps in run_steps(values, epochs=5):
            backend.reset_metrics()
            backend.set_order(order)
            backend.train(steps)
        outcomes.append((layers(network, backend.state().evaluated), backend.metrics(), backend.evaluate(TRAIN, len(DATA.test))))
    (parameters, *losses), (other_parameters, *other_losses) = outcomes
    assert_close(other_parameters, parameters, 1e-3)
    assert [metrics.loss for metrics in other_losses] == pytest.approx([metrics.loss for metrics in losses], rel=1e-4)
