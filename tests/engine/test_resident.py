"""The resident plan against the float64 reference, with the subgroups that the adapter has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backend import Backend, DeviceError, Tally
from engine.backends.wgpu.kernels import Kernel
from engine.backends.wgpu.resident import STEPS_A_DISPATCH, Resident
from engine.backends.wgpu.tiles import Workgroup
from engine.hyperparameters.choices import Activation
from engine.presets import PRESETS
from tests.engine import reference
from tests.engine.support import (
    LABELS,
    VALUES,
    assert_state,
    hyperparameters,
    network_of,
    padding,
    random_state,
    reference_state,
    resident_plan,
    run_steps,
    train,
)

TOLERANCE = 5e-4
"""Of how far training moved the parameters, after 38 steps; the layered plan's tests say why."""

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "one hidden layer": {"network.hidden": [8]},
    "three hidden layers": {"network.hidden": [5, 8, 3]},
    "one sample": {"training.batch_size": 1},
    "a smaller last batch": {"training.batch_size": 7, "network.hidden": [7, 4]},
    "several samples side by side": {"network.hidden": [4, 3], "training.batch_size": 6, "regularization.dropout.hidden": 0.2},
    "input dropout": {"regularization.dropout.input": 0.3},
    "hidden dropout": {"regularization.dropout.hidden": 0.4},
    "elastic net": {f"regularization.{part}.{net}": 0.02 for part in ("weights", "biases") for net in ("l1", "l2")},
    "max norm": {"regularization.max_norm": 0.8},
    "label smoothing": {"regularization.label_smoothing": 0.1},
    "squared error": {"network.loss": "squared_error", "regularization.label_smoothing": 0.1, "learning_rate.initial": 0.002},
    "adam with decay": {"optimizer.weight_decay": 0.1},
    "adamw": {"optimizer.name": "adamw", "optimizer.weight_decay": 0.1},
    "sgd": {"optimizer.name": "sgd"},
    "momentum": {"optimizer.name": "sgd", "optimizer.momentum": 0.9, "optimizer.weight_decay": 0.01},
    "nesterov": {"optimizer.name": "sgd", "optimizer.momentum": 0.9, "optimizer.nesterov": True},
    **{str(activation): {"network.activation": str(activation)} for activation in Activation},
}


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES.keys())
def test_trains_as_the_reference(wgpu: Backend, lanes: int, changes: dict[str, Any]) -> None:
    values = hyperparameters({"network.hidden": [8, 8], "training.batch_size": 4} | changes)
    network, before = network_of(values), random_state(values)
    wgpu.prepare(network, values, resident_plan(values, lanes))
    wgpu.set_state(before)
    wgpu.reset_tally()
    state, total = reference_state(network, before), Tally(0.0, 0, 0)
    for order, steps in run_steps(values):
        train(wgpu, order, steps)
        for step in steps:
            batch = order[int(step["first"]) :][: int(step["samples"])]
            state, tally = reference.train_step(values, state, VALUES[batch], LABELS[batch], step)
            total = Tally(total.loss + tally.loss, total.correct + tally.correct, total.samples + tally.samples)
    assert wgpu.plan["name"] == "resident"
    assert_state(values, wgpu.state(), before, state, TOLERANCE)
    assert not wgpu.state().parameters[padding(network)].any()
    assert wgpu.tally().loss == pytest.approx(total.loss, rel=1e-4)
    assert (wgpu.tally().correct, wgpu.tally().samples) == (total.correct, total.samples)


def test_repeats_to_the_bit_however_the_steps_are_cut(wgpu: Backend, lanes: int) -> None:
    values = hyperparameters({"network.hidden": [8, 8], "training.batch_size": 4, "regularization.dropout.input": 0.2})
    before, found = random_state(values), []
    order, steps = next(run_steps(values))
    for pieces in (1, 5):
        wgpu.prepare(network_of(values), values, resident_plan(values, lanes))
        wgpu.set_state(before)
        wgpu.set_order(order)
        for piece in np.array_split(steps, pieces):
            wgpu.train(piece)
        found.append(wgpu.state())
    for one, other in zip(vars(found[0]).values(), vars(found[1]).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_recorded_plan_that_cannot_be_followed_is_refused(wgpu: Backend, lanes: int) -> None:
    values = hyperparameters({"network.hidden": [8, 8], "training.batch_size": 4})
    with pytest.raises(DeviceError, match="plan"):
        wgpu.prepare(network_of(values), values, resident_plan(values, 2 * lanes))


def test_suits_the_published_network_on_a_graphics_processor() -> None:
    from engine.network import build

    published, wide = (PRESETS[name].hyperparameters for name in ("readme", "default"))
    for values, suits in ((published, True), (wide, False)):
        resident = Resident(build(values.network, 784, 10), values, lanes=32)
        assert resident.fits(Workgroup(invocations=1024, memory=48 * 1024)) is suits


def test_a_dispatch_stays_below_the_iterations_at_which_llvmpipe_stops() -> None:
    most_parameters_an_invocation, lanes = 2, 8
    iterations_a_step = 1 + most_parameters_an_invocation * lanes
    assert STEPS_A_DISPATCH * iterations_a_step < 60_000


def test_where_the_driver_refuses_the_kernel_the_layers_are_trained_one_by_one(
    wgpu_as_on_hardware: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Kernel.source
    monkeypatch.setattr(Kernel, "source", lambda self: "fn main(" if self.name == "resident" else source(self))
    values = hyperparameters({"training.batch_size": 4})
    refused = wgpu_as_on_hardware.kernels_to_compile(network_of(values), values)
    assert refused, "it would be taken"
    wgpu_as_on_hardware.prepare(network_of(values), values)
    assert wgpu_as_on_hardware.plan["name"] == "layered"
