"""What a training step computes, in both backends, against the float64 reference.

They compute in float32, whose numbers are exact to 6e-8. A gradient sums at most some thousand products, so that a tensor of them
is good to some 1e-6 of its length; a bound of 1e-4 leaves room for the adapters' exp and tanh, and still finds a wrong constant.
Many steps later more is allowed: an error grows from step to step, and a sum near 0 may take the other side of relu's kink.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from engine.backend import Backend
from engine.hyperparameters.choices import Activation
from tests.engine import reference
from tests.engine.support import (
    LABELS,
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

GRADIENT = 1e-4
FEW_STEPS = 3e-4
MANY_STEPS = 1e-3
MOMENTUM = {"optimizer.name": "sgd", "optimizer.momentum": 0.9}
ELASTIC_NET = {f"regularization.{part}.{name}": 0.02 for part in ("weights", "biases") for name in ("l1", "l2")}

GRADIENT_CASES: list[tuple[list[int], list[str], str, bool]] = [
    ([16, 7], ["relu", "tanh"], "cross_entropy", False),
    ([16, 7], ["leaky_relu", "gelu"], "squared_error", False),
    ([16, 7], ["elu", "swish"], "cross_entropy", False),
    ([16, 7], ["sigmoid", "elu"], "squared_error", False),
    ([16, 7], ["gelu", "relu"], "cross_entropy", True),
    ([16, 7], ["swish", "sigmoid"], "squared_error", True),
    ([16, 7], ["tanh", "leaky_relu"], "cross_entropy", True),
    ([], [], "cross_entropy", False),
    ([], [], "squared_error", False),
    ([1], ["swish"], "cross_entropy", False),
    ([33], ["elu"], "squared_error", True),
    ([33, 1, 7], ["sigmoid", "tanh", "gelu"], "cross_entropy", False),
    ([130, 66], ["gelu", "tanh"], "squared_error", False),
    ([7, 130, 33, 16], ["leaky_relu", "swish", "relu", "elu"], "cross_entropy", True),
]


OTHER_SHAPES = GRADIENT_CASES[6:]
"""Of batches too small for the usual tiles: what is computed of one sample's sums is the same in all."""


@pytest.mark.parametrize(
    ("case", "samples"),
    [(case, 64) for case in GRADIENT_CASES] + [(case, samples) for case in OTHER_SHAPES for samples in (1, 3)],
    ids=lambda part: " ".join(map(str, part)) if isinstance(part, tuple) else str(part),
)
def test_gradients(backend: Backend, case: tuple[list[int], list[str], str, bool], samples: int) -> None:
    """After one step of sgd from moments of zero, its momentum is the gradient itself, without the rounding of a subtraction."""
    hidden, activations, loss, layer_norm = case
    shape = {"network.hidden": hidden, "network.activation": activations, "network.loss": loss, "network.layer_norm": layer_norm}
    values = hyperparameters(shape | MOMENTUM | {"training.batch_size": samples})
    network, before = network_of(values), random_state(values)
    order, steps = next(run_steps(values, samples))
    prepare(backend, values, before)
    train(backend, order, steps)
    found, parameters = layers(network, backend.state().first_moment), layers(network, before.parameters)
    assert_close(found, reference.gradients(values.network, parameters, VALUES[order], LABELS[order], steps[0]), GRADIENT)


TRAINING_CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "layer norm": {"network.layer_norm": True},
    "squared error": {"network.loss": "squared_error"},
    "l1 on weights": {"regularization.weights.l1": 0.01},
    "l2 on weights": {"regularization.weights.l2": 0.05},
    "l1 on biases": {"regularization.biases.l1": 0.02},
    "l2 on biases": {"regularization.biases.l2": 0.1},
    "elastic net with layer norm": {"network.layer_norm": True, **ELASTIC_NET},
    "input dropout": {"regularization.dropout.input": 0.2},
    "hidden dropout": {"regularization.dropout.hidden": 0.5},
    "both dropouts in wide layers": {
        "regularization.dropout.input": 0.1,
        "regularization.dropout.hidden": 0.3,
        "network.hidden": [130, 66],
    },
    "dropout with layer norm": {"regularization.dropout.hidden": 0.3, "network.layer_norm": True},
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
    """The state and the tally after one step, and after seven epochs of batches of 64, 64 and 22, each in its own order."""
    values = hyperparameters(case)
    before = random_state(values)
    prepare(backend, values, before)
    expected = reference_state(network_of(values), before)
    epochs = list(run_steps(values, epochs=7))
    order, steps = epochs[0]
    for part, tolerance in (([(order, steps[:1])], GRADIENT), ([(order, steps[1:]), *epochs[1:]], MANY_STEPS)):
        for order, steps in part:
            backend.reset_tally()
            train(backend, order, steps)
            expected, tally = reference.train(values, expected, VALUES, LABELS, order, steps)
        assert_state(values, backend.state(), before, expected, tolerance)
        found = backend.tally()
        assert (found.correct, found.samples) == (tally.correct, tally.samples)
        assert found.loss == pytest.approx(tally.loss, rel=tolerance / 10)


def test_steps_may_start_anywhere_in_the_order(backend: Backend) -> None:
    """A subset of the samples, in an order of its own, and batches that neither begin at 0 nor follow one another."""
    values = hyperparameters({"training.batch_size": 16})
    before = random_state(values)
    order = np.random.default_rng(3).permutation(TRAIN)[:90].astype(np.uint32)
    steps = next(run_steps(values))[1][:4]
    steps["first"], steps["samples"] = [70, 5, 41, 89], [16, 11, 16, 1]
    prepare(backend, values, before)
    train(backend, order, steps)
    expected, tally = reference.train(values, reference_state(network_of(values), before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected, FEW_STEPS)
    assert backend.tally().samples == tally.samples == 44


LIVE: dict[str, dict[str, Any]] = {
    "learning rate": {"learning_rate.initial": 0.003},
    "input dropout": {"regularization.dropout.input": 0.2},
    "hidden dropout": {"regularization.dropout.hidden": 0.4},
    "max norm": {"regularization.max_norm": 1.2},
    "label smoothing and elastic net": {"regularization.label_smoothing": 0.3, **ELASTIC_NET},
}


@pytest.mark.parametrize("layer_norm", [False, True], ids=["", "layer norm"])
@pytest.mark.parametrize("switched", ["on", "off"])
@pytest.mark.parametrize("live", LIVE.values(), ids=LIVE)
def test_what_may_change_while_training_is_read_from_the_step(
    backend: Backend, live: dict[str, Any], switched: str, layer_norm: bool
) -> None:
    """Whatever the backend was prepared for; here it changes after the first step."""
    prepared, changed = ({}, live) if switched == "on" else (live, {})
    values = hyperparameters(prepared | {"network.layer_norm": layer_norm})
    before = random_state(values)
    order, steps = next(run_steps(values))
    steps[1:] = next(run_steps(hyperparameters(changed)))[1][1:]
    prepare(backend, values, before)
    train(backend, order, steps)
    expected, tally = reference.train(values, reference_state(network_of(values), before), VALUES, LABELS, order, steps)
    assert_state(values, backend.state(), before, expected, FEW_STEPS)
    assert backend.tally().loss == pytest.approx(tally.loss, rel=1e-5)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_the_slope_at_the_kink_is_pytorchs(backend: Backend, activation: str) -> None:
    """Sums of exactly 0 are common: dark images, biases that start at 0, dropped pixels."""
    values = hyperparameters({"network.hidden": [16], "network.activation": activation, **MOMENTUM})
    network, before = network_of(values), random_state(values)
    network.layers[0].block(before.parameters)[:] = 0
    order, steps = next(run_steps(values, 64))
    prepare(backend, values, before)
    train(backend, order, steps)
    found, parameters = layers(network, backend.state().first_moment), layers(network, before.parameters)
    assert_close(found, reference.gradients(values.network, parameters, VALUES[order], LABELS[order], steps[0]), GRADIENT)


@pytest.mark.parametrize("activation", Activation)
def test_large_sums_saturate(backend: Backend, activation: Activation) -> None:
    """Hidden sums of hundreds, outputs of thousands: exp and tanh, the softmax's too, must neither overflow nor become NaN."""
    values = hyperparameters({"network.hidden": [16], "network.activation": activation, **MOMENTUM})
    network, before = network_of(values), random_state(values)
    before = dataclasses.replace(before, parameters=300 * before.parameters)
    order, steps = next(run_steps(values, 64))
    prepare(backend, values, before)
    train(backend, order, steps)
    expected, tally = reference.train(values, reference_state(network, before), VALUES, LABELS, order, steps)
    assert_close(layers(network, backend.state().first_moment), expected.first, MANY_STEPS)
    assert backend.tally().loss == pytest.approx(tally.loss, rel=1e-4)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_a_number_that_is_none_shows_in_the_loss(backend: Backend, loss: str) -> None:
    values = hyperparameters({"network.loss": loss})
    before = random_state(values)
    network_of(values).layers[-1].weight(before.parameters)[3, 2] = np.nan
    prepare(backend, values, before)
    assert not np.isfinite(backend.evaluate(0, TRAIN).loss)
    train(backend, *next(run_steps(values)))
    assert not np.isfinite(backend.tally().loss)


def test_max_norm_holds_in_every_layer(backend: Backend) -> None:
    values = hyperparameters({"regularization.max_norm": 0.75})
    prepare(backend, values, random_state(values))
    train(backend, *next(run_steps(values)))
    for layer in layers(network_of(values), backend.state().parameters):
        assert np.linalg.norm(layer["weight"], axis=0).max() == pytest.approx(0.75, rel=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_padding_stays_zero(backend: Backend, optimizer: str) -> None:
    """Also with sigmoid, which is not 0 at 0."""
    switched_on = {"network.activation": "sigmoid", "training.averaging": 0.9, "optimizer.weight_decay": 0.1, "optimizer.momentum": 0.9}
    switched_on |= {key: value for live in LIVE.values() for key, value in live.items()}
    for layer_norm in (False, True):
        values = hyperparameters(switched_on | {"optimizer.name": optimizer, "network.layer_norm": layer_norm})
        prepare(backend, values, random_state(values))
        train(backend, *next(run_steps(values)))
        state, where = backend.state(), padding(network_of(values))
        assert where.sum() > 50
        for buffer in (state.parameters, state.first_moment, state.second_moment, state.average):
            assert buffer is not None
            assert not buffer[where].any()
