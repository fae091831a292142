"""An adapter as a device to choose, and opened."""

from __future__ import annotations

from typing import Any

import shaders
from engine.backend import Device, DeviceError
from engine.backends.wgpu.errors import WGPU_ERRORS, reason
from engine.backends.wgpu.instances import SUBGROUPS, kind, request_device


def describe(adapter: Any, index: int) -> Device:
    info = adapter.info
    driver = f"{info['backend_type']}, {info['description']}" if info["description"] else str(info["backend_type"])
    return Device(index, str(info["device"]), kind(adapter), "wgpu", driver)


def open_device(adapter: Any) -> Any:
    """A ``wgpu.GPUDevice`` with all that the adapter permits. Raises DeviceError."""
    try:
        return request_device(adapter)
    except WGPU_ERRORS as error:
        raise DeviceError(
            f"{adapter.info['device']} does not open: {reason(error)}.", "Update its driver, or train on the CPU: --device cpu."
        ) from error


def subgroup_size(gpu: Any) -> int:
    """Invocations of a subgroup of an open device, which only a shader knows; 0 where there are none, or the driver refuses the shader."""
    import wgpu

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
