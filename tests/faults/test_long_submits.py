"""No submit is so long that a driver takes the device for hung, however large the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backend import Backend
from engine.backends.wgpu import backend as wgpu_backend
from engine.backends.wgpu import budget
from engine.backends.wgpu.budget import LONGEST_SUBMIT, SLOWEST, operations, steps_in_budget
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import build
from engine.presets import PRESETS
from tests.engine.conftest import wgpu  # noqa: F401
from tests.engine.support import hyperparameters, prepare, random_state, run_steps, train


def large(hidden: list[int], batch: int) -> tuple[Any, int]:
    values = Hyperparameters.model_validate({"network": {"hidden": hidden}, "training": {"batch_size": batch}})
    return build(values.network, 784, 10), batch


@pytest.mark.parametrize("kind", ["discrete", "integrated", "software"])
@pytest.mark.parametrize(("hidden", "batch"), [([16, 16], 4), ([256, 128], 64), ([2048] * 3, 1024), ([8192] * 4, 8192), ([8192] * 8, 64)])
def test_a_submit_is_done_in_half_a_second_by_a_slow_device(kind: Any, hidden: list[int], batch: int) -> None:
    network, samples = large(hidden, batch)
    steps = steps_in_budget(kind, network, samples)
    assert steps * operations(network, samples) <= LONGEST_SUBMIT * SLOWEST[kind]
    assert steps or operations(network, samples) > LONGEST_SUBMIT * SLOWEST[kind]


def test_usual_networks_are_not_held_back_on_hardware() -> None:
    for name in ("readme", "default", "quick"):
        values = PRESETS[name].hyperparameters
        assert steps_in_budget("discrete", build(values.network, 784, 10), values.training.batch_size) >= wgpu_backend.STEPS_A_SUBMIT


def test_steps_and_evaluation_cut_into_dispatches_give_the_same_bits(wgpu: Backend, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    values = hyperparameters({"network.layer_norm": True, "training.averaging": 0.9, "regularization.dropout.hidden": 0.2})
    before, found, submits = random_state(values), [], []
    order, steps = next(run_steps(values))
    submit = wgpu_backend.submit
    monkeypatch.setattr(
        wgpu_backend, "submit", lambda gpu, group, *parts: submits.append(sum(len(work) for work, _ in parts)) or submit(gpu, group, *parts)
    )
    for speed in (1e12, 1.0):
        monkeypatch.setattr(budget, "SLOWEST", dict.fromkeys(SLOWEST, speed))
        prepare(wgpu, values, before)
        submits.clear()
        train(wgpu, order, steps)
        assert (max(submits) == 1) == (speed == 1.0)
        tally, evaluated = wgpu.tally(), wgpu.evaluate(0, 100)
        found.append((tally, evaluated, *(np.asarray(part).tobytes() for part in vars(wgpu.state()).values())))
    assert found[0] == found[1]
