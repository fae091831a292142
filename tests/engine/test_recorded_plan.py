"""A plan that is recorded and followed again gives the bits that it gave, whatever would be chosen now."""

from __future__ import annotations

import os

import pytest

from engine.backend import Backend
from engine.backends.wgpu import backend as wgpu_backend
from engine.backends.wgpu import threads
from engine.backends.wgpu.instances import THREADS
from tests.engine import support

VALUES = support.hyperparameters({"training.batch_size": 32, "regularization.dropout.hidden": 0.2})


def trained(backend: Backend, plan: dict[str, object] | None) -> bytes:
    """The parameters after an epoch."""
    backend.prepare(support.network_of(VALUES), VALUES, plan)
    backend.set_state(support.random_state(VALUES))
    backend.reset_tally()
    for order, steps in support.run_steps(VALUES):
        support.train(backend, order, steps)
    return backend.state().parameters.tobytes()


def test_tiles_are_followed_again(wgpu: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trained(wgpu, None)
    recorded = wgpu.plan
    chosen = wgpu_backend.tiles_for
    monkeypatch.setattr(wgpu_backend, "tiles_for", lambda kind, *work: chosen("discrete" if kind == "software" else "software", *work))
    assert trained(wgpu, recorded) == before
    assert wgpu.plan == recorded
    trained(wgpu, None)
    assert wgpu.plan != recorded, "another plan would be chosen now"


def test_threads_are_followed_again(cpu: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trained(cpu, None)
    recorded = cpu.plan
    monkeypatch.setattr("engine.backends.cpu.backend._fitting_threads", lambda network, batch_size: recorded["threads"] + 1)
    assert trained(cpu, recorded) == before
    assert cpu.plan == recorded
    trained(cpu, None)
    assert cpu.plan != recorded


def test_the_threads_of_a_software_driver_change_no_bit(wgpu: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(THREADS, raising=False)
    before = trained(wgpu, None)
    monkeypatch.setattr(wgpu_backend, "threads_for", lambda *work: 2)
    assert trained(wgpu, None) == before
    assert THREADS not in os.environ, "what a child process would inherit"


@pytest.mark.parametrize(
    ("hidden", "environment", "expected"),
    [([16, 16], {}, 0), ([512, 512], {}, 2), ([512, 512], {"OMP_NUM_THREADS": "1"}, 0), ([512, 512], {THREADS: "1"}, 0)],
)
def test_a_software_driver_has_threads_where_they_pay(
    hidden: list[int], environment: dict[str, str], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(THREADS, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1}, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    values = support.hyperparameters({"network.hidden": hidden})
    assert threads.threads_for(support.network_of(values), 128) == expected
