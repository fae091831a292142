"""One open device of each backend, with the synthetic data set on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from engine import devices
from engine.backend import Backend
from engine.backends.cpu.backend import cpu_device
from tests.adapters import adapter
from tests.engine import support


@pytest.fixture(scope="session")
def cpu() -> Iterator[Backend]:
    yield from _opened("cpu")


@pytest.fixture(scope="session")
def wgpu() -> Iterator[Backend]:
    yield from _opened("wgpu")


@pytest.fixture(scope="session")
def lanes(wgpu: Backend) -> int:
    """How wide the adapter's subgroups are: what its resident kernels are made for."""
    return support.subgroup_width(wgpu) or pytest.skip("the adapter has no subgroups as wide as the networks of these tests")


@pytest.fixture(scope="session")
def wgpu_as_on_hardware() -> Iterator[Backend]:
    """The same adapter with the kernels and tiles that a hardware adapter gets."""
    yield from _opened("wgpu", kind="discrete")


@pytest.fixture(scope="session", params=["cpu", "wgpu", "wgpu_as_on_hardware"])
def backend(request: pytest.FixtureRequest) -> Backend:
    found: Backend = request.getfixturevalue(request.param)
    return found


def _opened(backend_name: str, **changes: Any) -> Iterator[Backend]:
    device = adapter() if backend_name == "wgpu" else cpu_device()
    backend = devices.open_backend(dataclasses.replace(device, **changes))
    backend.load(support.DATA)
    yield backend
    backend.close()
