"""The CPU backend's threads share a step's work: the sums are those of one thread but for rounding, and to the bit each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backend import Backend, Tally, TrainingState
from engine.backends.cpu.backend import CpuBackend
from engine.network import build
from tests.engine import reference, support

EVERYTHING: dict[str, Any] = {
    "network.hidden": [130, 66],
    "network.layer_norm": True,
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.max_norm": 2.0,
    "regularization.weights.l1": 1e-3,
    "training.averaging": 0.9,
    "optimizer.epsilon": 1e-3,
}
"""With the usual epsilon adam makes a whole step of a gradient that is rounding alone, which differs from processor to processor."""


def trained(backend: Backend, changes: dict[str, Any], threads: int) -> tuple[TrainingState, Tally]:
    """After an epoch."""
    values = support.hyperparameters(changes)
    backend.prepare(support.network_of(values), values, {"name": "numpy", "threads": threads})
    backend.set_state(support.random_state(values))
    backend.reset_tally()
    support.train(backend, *next(support.run_steps(values)))
    return backend.state(), backend.tally()


@pytest.mark.parametrize("batch_size", [2, 37, 150])
def test_threads_share_a_step(cpu: Backend, batch_size: int) -> None:
    """Also where a batch, or the last of an epoch, has fewer samples than there are threads."""
    changes = EVERYTHING | {"training.batch_size": batch_size}
    values = support.hyperparameters(changes)
    before = support.random_state(values)
    start = support.reference_state(support.network_of(values), before)
    expected, tally = reference.train(values, start, support.VALUES, support.LABELS, *next(support.run_steps(values)))
    for threads in (1, 2, 3):
        found, sums = trained(cpu, changes, threads)
        support.assert_state(values, found, before, expected, 1e-3)
        assert (sums.correct, sums.samples) == (tally.correct, tally.samples)
        assert sums.loss == pytest.approx(tally.loss, rel=1e-4)


def test_threads_give_the_same_bits_each_time(cpu: Backend) -> None:
    first, again = (trained(cpu, EVERYTHING, 3)[0] for _ in range(2))
    assert first.parameters.tobytes() == again.parameters.tobytes()


def test_threads_distort_the_images_that_one_thread_distorts(cpu: Backend) -> None:
    changes = {"augmentation.rotation": 20.0, "augmentation.elastic_alpha": 6.0, "optimizer.name": "sgd"}
    one, three = (trained(cpu, changes, threads)[0].parameters for threads in (1, 3))
    moved = np.linalg.norm(one - support.random_state(support.hyperparameters(changes)).parameters)
    assert np.linalg.norm(three - one) < 1e-4 * moved


def test_outputs_do_not_depend_on_the_threads(cpu: Backend) -> None:
    images = np.tile(support.IMAGES, (3, 1))
    found = []
    for threads in (1, 2, 3):
        values = support.hyperparameters({})
        cpu.prepare(support.network_of(values), values, {"name": "numpy", "threads": threads})
        cpu.set_state(support.random_state(values))
        found.append(cpu.outputs(images).tobytes())
    assert found[1:] == found[:-1]


def test_threads_are_as_many_as_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """None to help with a small network, all with a large one, unless the environment wants fewer; never more than samples."""
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(4)), raising=False)
    cases = (([16, 16], 4, "", 1), ([2000], 256, "", 4), ([2000], 256, "2", 2), ([8000], 4, "", 1))
    for hidden, batch_size, environment, expected in cases:
        monkeypatch.setenv("OMP_NUM_THREADS", environment)
        values = support.hyperparameters({"network.hidden": hidden, "training.batch_size": batch_size})
        assert CpuBackend().plans(build(values.network, 784, 10), values)[0]["threads"] == expected
