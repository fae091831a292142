"""Records dispatches into a compute pass, past wgpu's Python wrappers, which cost three times as much as the calls themselves.

Errors are not lost: the encoder keeps them, and ``finish`` raises them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from wgpu.backends.wgpu_native import ffi, lib

from engine.backends.wgpu.memory import IMMEDIATE_WORDS

Work = tuple[Any, int, tuple[int, int, int]]
"""A pipeline, the layer it works on, and its grid."""


def record(compute_pass: Any, work: list[Work], steps: int, metrics_at: int) -> None:
    """Records ``work`` once a step, each dispatch with ``struct Immediates``."""
    immediates = np.zeros((steps, len(work), IMMEDIATE_WORDS), np.uint32)
    immediates[:, :, 0] = np.arange(steps)[:, None]
    immediates[:, :, 1] = [layer for _, layer, _ in work]
    immediates[:, :, 2] = metrics_at
    handle, at = compute_pass._internal, ffi.from_buffer("char[]", immediates)
    set_pipeline, set_immediates = lib.wgpuComputePassEncoderSetPipeline, lib.wgpuComputePassEncoderSetImmediates
    dispatch, size = lib.wgpuComputePassEncoderDispatchWorkgroups, IMMEDIATE_WORDS * 4
    handles = [(pipeline._internal, *grid) for pipeline, _, grid in work]
    offset = 0
    for _ in range(steps):
        for pipeline, x, y, z in handles:
            set_pipeline(handle, pipeline)
            set_immediates(handle, 0, at + offset, size)
            dispatch(handle, x, y, z)
            offset += size
