"""One open device of each backend, with the synthetic data set on it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import pytest

from engine import devices
from engine.backend import Backend
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
    found = [device for device in devices.find_devices() if device.backend == backend_name]
    if not found:
        missing = pytest.fail if os.environ.get("DIGITS_TUI_REQUIRE_GPU") else pytest.skip
        missing("there is no Vulkan adapter; install a driver, such as Mesa's llvmpipe (apt install mesa-vulkan-drivers)")
    backend = devices.open_backend(dataclasses.replace(found[0], **changes))
    backend.load(support.DATA)
    yield backend
    backend.close()
