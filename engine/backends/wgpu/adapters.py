"""The adapters that wgpu sees, and an open device."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import shaders
from engine.backend import Device, DeviceError, DeviceKind
from engine.backends.wgpu.threads import ALONE, told

KINDS: dict[str, DeviceKind] = {"DiscreteGPU": "discrete", "IntegratedGPU": "integrated", "CPU": "software"}
RANKS: tuple[DeviceKind, ...] = ("discrete", "integrated", "software")
FEATURE = "immediates"
SUBGROUPS = "subgroup"
"""A feature that the resident plan needs and the layered one does without."""


APIS = ("Vulkan", "Metal", "DX12")
"""OpenGL lacks immediates, and takes half a second to look at."""
_instances: dict[int, Any] = {}
"""wgpu's instances, by the threads that a software driver has there."""


def adapters(threads: int = ALONE) -> list[Any]:
    """The ``wgpu.GPUAdapter``s that can train, best first; none where there is no driver. ``threads``: a software driver's."""
    # The Vulkan loader complains on stderr where it is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    import wgpu
    from wgpu.backends.wgpu_native import _helpers
    from wgpu.backends.wgpu_native.extras import set_instance_extras

    _helpers._the_instance = _instances.get(threads)
    try:
        with told(threads):
            if threads not in _instances:
                set_instance_extras(backends=APIS)
            found = wgpu.gpu.enumerate_adapters_sync()
    except RuntimeError:
        return []
    finally:
        _instances[threads] = _helpers._the_instance
    usable = [adapter for adapter in found if FEATURE in adapter.features]
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


def subgroup_size(gpu: Any) -> int:
    """Invocations of a subgroup of an open device, which only a shader knows; 0 where there are none, or the driver refuses the shader."""
    import wgpu

    from engine.backends.wgpu.errors import WGPU_ERRORS

    if SUBGROUPS not in gpu.features:
        return 0
    try:
        module = gpu.create_shader_module(code=shaders.source("subgroup_size"))
        pipeline = gpu.create_compute_pipeline(layout="auto", compute={"module": module, "entry_point": "main"})
    except WGPU_ERRORS:
        return 0
    size = gpu.create_buffer(size=4, usage=wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC)
    group = gpu.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=[{"binding": 0, "resource": {"buffer": size}}])
    encoder = gpu.create_command_encoder()
    compute = encoder.begin_compute_pass()
    compute.set_pipeline(pipeline)
    compute.set_bind_group(0, group)
    compute.dispatch_workgroups(1)
    compute.end()
    gpu.queue.submit([encoder.finish()])
    return int(gpu.queue.read_buffer(size).cast("I")[0])
