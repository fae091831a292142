"""The adapters that wgpu sees, and an open device."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from engine.backend import Device, DeviceError, DeviceKind

KINDS: dict[str, DeviceKind] = {"DiscreteGPU": "discrete", "IntegratedGPU": "integrated", "CPU": "software"}
RANKS: tuple[DeviceKind, ...] = ("discrete", "integrated", "software")
FEATURE = "immediates"
SUBGROUPS = "subgroup"
"""A feature that the resident plan needs and the layered one does without."""


def _prepare_environment() -> None:
    # Without threads of its own, llvmpipe starts a dispatch in 4 microseconds instead of 40: what small batches live by.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    # The Vulkan loader complains on stderr where it is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())


def adapters() -> list[Any]:
    """The ``wgpu.GPUAdapter``s that can train, best first; none where there is no driver."""
    _prepare_environment()
    import wgpu

    try:
        found = wgpu.gpu.enumerate_adapters_sync()
    except RuntimeError:
        return []
    usable = [adapter for adapter in found if adapter.info["backend_type"] != "OpenGL" and FEATURE in adapter.features]
    return sorted(usable, key=lambda adapter: RANKS.index(_kind(adapter)))


def _kind(adapter: Any) -> DeviceKind:
    return KINDS.get(adapter.info["adapter_type"], "integrated")


def describe(adapter: Any, index: int) -> Device:
    info = adapter.info
    driver = f"{info['backend_type']}, {info['description']}" if info["description"] else str(info["backend_type"])
    return Device(index, str(info["device"]), _kind(adapter), "wgpu", driver)


def open_device(adapter: Any) -> Any:
    """A ``wgpu.GPUDevice`` with all that the adapter permits. Raises DeviceError."""
    from engine.backends.wgpu.errors import WGPU_ERRORS, reason

    try:
        wanted = [feature for feature in (FEATURE, SUBGROUPS) if feature in adapter.features]
        return adapter.request_device_sync(required_features=wanted)
    except WGPU_ERRORS as error:
        raise DeviceError(
            f"{adapter.info['device']} does not open: {reason(error)}.", "Update its driver, or train on the CPU: --device cpu."
        ) from error
