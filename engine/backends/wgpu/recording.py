"""Records dispatches into a compute pass, past wgpu's Python wrappers, which cost three times as much as the calls themselves.

Errors are not lost: the encoder keeps them, and ``finish`` raises them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from wgpu.backends.wgpu_native import ffi, lib

from engine.backends.wgpu.memory import IMMEDIATE_WORDS

Work = tuple[Any, int, tuple[int, int, int]]
"""A dispatch, ready to be recorded: a pipeline, the index of the layer it works on, and its grid."""


def immediates(steps: int, work: list[Work], tally_at: int) -> npt.NDArray[np.uint32]:
    """``struct Immediates`` of each dispatch of each step: [steps, work, IMMEDIATE_WORDS]."""
    values = np.zeros((steps, len(work), IMMEDIATE_WORDS), np.uint32)
    values[:, :, 0] = np.arange(steps)[:, None]
    values[:, :, 1] = [layer for _, layer, _ in work]
    values[:, :, 2] = tally_at
    return values


def record(compute_pass: Any, work: list[Work], values: npt.NDArray[np.uint32]) -> None:
    """Records ``work`` as often as ``values``, its immediates, are long."""
    handle, at = compute_pass._internal, ffi.from_buffer("char[]", values)
    set_pipeline, set_immediates = lib.wgpuComputePassEncoderSetPipeline, lib.wgpuComputePassEncoderSetImmediates
    dispatch, size = lib.wgpuComputePassEncoderDispatchWorkgroups, IMMEDIATE_WORDS * 4
    handles = [(pipeline._internal, *grid) for pipeline, _, grid in work]
    offset = 0
    for _ in range(len(values)):
        for pipeline, x, y, z in handles:
            set_pipeline(handle, pipeline)
            set_immediates(handle, 0, at + offset, size)
            dispatch(handle, x, y, z)
            offset += size


def recorded(gpu: Any, bind_group: Any, *parts: tuple[list[Work], npt.NDArray[np.uint32]]) -> Any:
    """A command buffer that does each part's work, as often as its immediates are long, in one compute pass."""
    encoder = gpu.create_command_encoder()
    compute = encoder.begin_compute_pass()
    compute.set_bind_group(0, bind_group)
    for work, values in parts:
        record(compute, work, values)
    compute.end()
    return encoder.finish()


def submit(gpu: Any, bind_group: Any, *parts: tuple[list[Work], npt.NDArray[np.uint32]]) -> None:
    """Records the parts in one compute pass and hands it to the device."""
    gpu.queue.submit([recorded(gpu, bind_group, *parts)])
