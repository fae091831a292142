"""The graphics adapter that the tests of compute shaders take."""

from __future__ import annotations

import os

import pytest

from engine import devices
from engine.backend import Backend, Device


def adapter() -> Device:
    """The first there is. Where there is none a test is skipped, or fails if DIGITS_TUI_REQUIRE_GPU is set."""
    found = next((device for device in devices.find_devices() if device.backend == "wgpu"), None)
    if found is None:
        missing = pytest.fail if os.environ.get("DIGITS_TUI_REQUIRE_GPU") else pytest.skip
        missing("there is no Vulkan adapter; install a driver, such as Mesa's llvmpipe (apt install mesa-vulkan-drivers)")
    return found


def wgpu_backend() -> Backend:
    return devices.open_backend(adapter())
