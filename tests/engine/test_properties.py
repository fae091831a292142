"""Both backends against the float64 reference, over combinations of all hyperparameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.backend import Backend, Tally, TrainingState
from engine.hyperparameters.choices import Activation, OptimizerName
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Network
from tests.engine import reference
from tests.engine.support import (
    LABELS,
    TRAIN,
    VALUES,
    assert_state,
    hyperparameters,
    network_of,
    padding,
    prepare,
    random_state,
    reference_state,
    run_steps,
    train,
)

TOLERANCE = 5e-4
EXPLODED = 1e3
"""A loss a sample, some 2 at first, above which a diverging run has magnified float32's rounding beyond the tolerance."""
NETWORKS: list[dict[str, Any]] = [
    {"network.hidden": hidden, "network.activation": activation, "network.loss": loss, "network.layer_norm": norm}
    for hidden, activation, loss, norm in [
        ([], "relu", "cross_entropy", False),
        ([16, 7], "leaky_relu", "squared_error", False),
        ([16, 7], ["gelu", "elu"], "cross_entropy", True),
        ([33, 1, 16], ["relu", "swish", "tanh"], "cross_entropy", False),
        ([33, 16], ["sigmoid", "relu"], "squared_error", True),
    ]
]


def up_to(highest: float) -> st.SearchStrategy[float]:
    """Off, as often as not."""
    return st.just(0.0) | st.floats(highest / 100, highest)


@st.composite
def combinations(draw: st.DrawFn) -> Hyperparameters:
    """Any combination. Adam's epsilon is not so small that the sign of a gradient's rounding error would decide a step, and its second
    moment no more forgetful than its first: else an old gradient is divided by a new one, however small, and so is its rounding."""
    momentum, beta_1 = draw(up_to(0.95)), draw(up_to(0.99))
    values = draw(st.sampled_from(NETWORKS)) | {
        "regularization.dropout.input": draw(up_to(0.6)),
        "regularization.dropout.hidden": draw(up_to(0.8)),
        "regularization.max_norm": draw(up_to(3.0)),
        "regularization.label_smoothing": draw(up_to(0.9)),
        "optimizer.name": draw(st.sampled_from(OptimizerName)),
        "optimizer.beta_1": beta_1,
        "optimizer.beta_2": draw(st.floats(beta_1**2, 0.999)),
        "optimizer.epsilon": draw(st.floats(1e-4, 0.1)),
        "optimizer.weight_decay": draw(up_to(0.5)),
        "optimizer.momentum": momentum,
        "optimizer.nesterov": momentum > 0 and draw(st.booleans()),
        "learning_rate.initial": draw(st.floats(1e-4, 0.05)),
        "training.batch_size": draw(st.integers(1, 64)),
        "training.averaging": draw(up_to(0.99)),
        "training.seed": draw(st.integers(0, 2**32 - 1)),
    }
    for part in ("weights", "biases"):
        values |= {f"regularization.{part}.{name}": draw(up_to(0.05)) for name in ("l1", "l2")}
    return hyperparameters(values)


def with_moments(network: Network, state: TrainingState, seed: int) -> TrainingState:
    """As in the middle of a run."""
    drawn = np.random.default_rng(seed).normal(scale=0.02, size=(2, network.size)).astype(np.float32)
    drawn[:, padding(network)] = 0
    return TrainingState(state.parameters, drawn[0], drawn[1] ** 2, state.average)


def at_a_kink(values: Hyperparameters, parameters: reference.Parameters, batch: np.ndarray[Any, Any], step: np.void) -> bool:
    """Whether a sum is so near 0 that float32 may take it to be on the other side."""
    masks = reference.dropout_masks(parameters, len(batch), step)
    sums = reference.forward(values.network, parameters, VALUES[batch], masks).sums
    kinked = zip(values.network.activations, sums, strict=False)
    return any(kind in (Activation.RELU, Activation.LEAKY_RELU) and np.abs(z).min() < 1e-5 for kind, z in kinked)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=combinations(),
    seed=st.integers(0, 2**16),
    samples=st.integers(1, TRAIN),
    count=st.integers(1, 3),
    number=st.sampled_from([0, 1, 500]),
)
def test_any_combination(backend: Backend, values: Hyperparameters, seed: int, samples: int, count: int, number: int) -> None:
    """Up to three steps, from the start of a run or from the middle."""
    network, before = network_of(values), random_state(values, seed)
    if number:
        before = with_moments(network, before, seed)
    order, steps = next(run_steps(values, samples, number=number))
    steps = steps[:count]
    state, total = reference_state(network, before), Tally(0.0, 0, 0)
    for step in steps:
        batch = order[int(step["first"]) :][: int(step["samples"])]
        assume(not at_a_kink(values, state.parameters, batch, step))
        state, tally = reference.train_step(values, state, VALUES[batch], LABELS[batch], step)
        assume(tally.loss < EXPLODED * tally.samples)
        total = Tally(total.loss + tally.loss, total.correct + tally.correct, total.samples + tally.samples)

    prepare(backend, values, before)
    train(backend, order, steps)
    assert_state(values, backend.state(), before, state, TOLERANCE)
    trained = backend.tally()
    assert trained.loss == pytest.approx(total.loss, rel=1e-4)
    assert (trained.correct, trained.samples) == (total.correct, total.samples)
    evaluated = state.parameters if state.average is None else state.average
    expected = reference.evaluate(values.network, evaluated, VALUES[:TRAIN], LABELS[:TRAIN])
    assert backend.evaluate(0, TRAIN).loss == pytest.approx(expected.loss, rel=1e-4)
