"""Devices that permit no more than WebGPU promises everywhere, and memory that is not there: refused before anything is allocated."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import wgpu as wgpu_module

from engine import devices
from engine.backend import Backend, DeviceError
from engine.backends.wgpu import adapters, instances, memory
from engine.backends.wgpu.backend import WgpuBackend
from engine.failures import failure
from tests.adapters import adapter
from tests.engine.conftest import cpu  # noqa: F401
from tests.engine.support import DATA, assert_close, hyperparameters, layers, network_of, prepare, random_state, run_steps, train
from tests.faults.scale import scaled

DEFAULTS = {
    "max-bind-groups": 4,
    "max-bindings-per-bind-group": 1000,
    "max-storage-buffers-per-shader-stage": 8,
    "max-uniform-buffers-per-shader-stage": 12,
    "max-uniform-buffer-binding-size": 64 * 2**10,
    "max-storage-buffer-binding-size": 128 * 2**20,
    "max-buffer-size": 256 * 2**20,
    "min-uniform-buffer-offset-alignment": 256,
    "min-storage-buffer-offset-alignment": 256,
    "max-compute-workgroup-storage-size": 16 * 2**10,
    "max-compute-invocations-per-workgroup": 256,
    "max-compute-workgroup-size-x": 256,
    "max-compute-workgroup-size-y": 256,
    "max-compute-workgroup-size-z": 64,
    "max-compute-workgroups-per-dimension": 65535,
    "max-immediate-size": 4 * memory.IMMEDIATE_WORDS,
}
"""Section 3.6.2, Limits, of https://www.w3.org/TR/webgpu. Immediates are wgpu's own; as many as the shaders take."""
EVERYTHING: dict[str, Any] = {
    "network.layer_norm": True,
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.max_norm": 2.0,
    "training.averaging": 0.9,
    "training.batch_size": 50,
    "augmentation.rotation": 10,
    "augmentation.elastic_alpha": 2,
}
WIDE: dict[str, Any] = {"network.hidden": [260, 130], "training.batch_size": 64, "learning_rate.initial": 1e-3}


def opened_with_defaults(adapter: Any) -> Any:
    return adapter.request_device_sync(required_features=[instances.FEATURE], required_limits=DEFAULTS)


@pytest.fixture(params=["software", "discrete"])
def least(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """A device with the limits that every WebGPU has, and no feature beyond; with the tiles of a software and of a hardware adapter."""
    device = adapter()
    monkeypatch.setattr(adapters, "open_device", opened_with_defaults)
    backend = WgpuBackend(instances.adapters()[0], dataclasses.replace(device, kind=request.param))
    backend.load(DATA)
    yield backend
    backend.close()


@pytest.mark.parametrize("changes", [{}, EVERYTHING, *scaled([], [WIDE])], ids=["plain", "everything", *scaled([], ["wide"])])
def test_it_trains_and_evaluates_as_the_cpu_does(least: Backend, cpu: Backend, changes: dict[str, Any]) -> None:  # noqa: F811
    values = hyperparameters(changes)
    before, (order, steps) = random_state(values), next(run_steps(values))
    found = []
    for backend in (cpu, least):
        prepare(backend, values, before)
        train(backend, order, steps)
        found.append((backend.tally(), backend.evaluate(0, 100), backend.state()))
    (cpu_tally, cpu_evaluated, expected), (tally, evaluated, state) = found
    assert least.plan["name"] == "layered", "subgroups are no part of the least"
    assert tally.loss == pytest.approx(cpu_tally.loss, rel=1e-4)
    assert evaluated.loss == pytest.approx(cpu_evaluated.loss, rel=1e-4)
    network = network_of(values)
    assert_close(layers(network, state.parameters), layers(network, expected.parameters), 1e-3)


def test_a_network_beyond_a_limit_is_refused_by_it_and_the_next_one_trains(least: Backend) -> None:
    large = hyperparameters({"network.hidden": [8192, 8192]})
    with pytest.raises(DeviceError) as caught:
        least.prepare(network_of(large), large)
    assert caught.value.message == "Parameters would take 258 MiB; the device takes 128 MiB at once."
    assert "smaller hidden layers or a smaller batch" in caught.value.advice
    values = hyperparameters({})
    prepare(least, values, random_state(values))
    train(least, *next(run_steps(values)))
    assert np.isfinite(least.tally().loss)


def test_a_device_without_memory_left_says_for_what_and_what_to_do(least: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many buffers as fit the limits are created; that of the activity is one too many."""
    values, create = hyperparameters({}), type(least._gpu).create_buffer  # type: ignore[attr-defined]
    made: list[int] = []

    def exhausted(device: Any, **named: Any) -> Any:
        made.append(named["size"])
        if len(made) == 5:
            raise wgpu_module.GPUOutOfMemoryError("Not enough memory left.")
        return create(device, **named)

    monkeypatch.setattr(type(least._gpu), "create_buffer", exhausted)  # type: ignore[attr-defined]
    with pytest.raises(DeviceError) as caught:
        least.prepare(network_of(values), values)
    told = failure(caught.value)
    assert (told.kind, told.message) == ("device", "The device has no memory left for activity.")
    assert "smaller batch" in told.advice
    monkeypatch.undo()
    prepare(least, values, random_state(values))
    train(least, *next(run_steps(values)))


def test_memory_that_the_cpu_cannot_have_is_told(cpu: Backend, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    values = hyperparameters({})

    def none(*arguments: Any, **named: Any) -> Any:
        raise np._core._exceptions._ArrayMemoryError((8192, 8192), np.dtype(np.float32))

    monkeypatch.setattr(np, "zeros", none)
    monkeypatch.setattr(np, "empty", none)
    with pytest.raises(MemoryError) as caught:
        cpu.prepare(network_of(values), values)
    monkeypatch.undo()
    assert failure(caught.value).message == "there is not enough memory for this network"


def test_the_adapters_are_those_that_can_train(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter without what the shaders need is not offered, and no driver at all is no error."""

    class Adapter:
        def __init__(self, backend: str, features: set[str]) -> None:
            self.info = {"backend_type": backend, "adapter_type": "DiscreteGPU", "device": backend, "description": ""}
            self.features = features

    several = [Adapter("Vulkan", set()), Adapter("Metal", {instances.FEATURE})]
    monkeypatch.setattr(wgpu_module.gpu, "enumerate_adapters_sync", lambda: several)
    assert [device.name for device in devices.find_devices()[1:]] == ["Metal"]

    def none() -> list[Any]:
        raise RuntimeError("no driver")

    monkeypatch.setattr(wgpu_module.gpu, "enumerate_adapters_sync", none)
    found = devices.find_devices()
    assert [device.backend for device in found] == ["cpu"]
    assert devices.choose("auto", found) == (found[0], "The CPU trains: there is no graphics adapter here.")
    with pytest.raises(DeviceError, match="no device 'gpu' here"):
        devices.choose("gpu", found)
