"""What wgpu raises, as DeviceError: one sentence, and what to do. The rest goes to the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import wgpu

from engine.backend import DeviceError

WGPU_ERRORS = (wgpu.GPUError, wgpu.GPUPipelineError, RuntimeError)
SMALLER = "Choose smaller hidden layers or a smaller batch, or train on the CPU: --device cpu."


def reason(error: Exception) -> str:
    """The sentence of an error that matters: the last one before the excerpt of the shader, if there is any."""
    lines = [line.strip() for line in str(error).partition("┌─")[0].splitlines() if line.strip()]
    return lines[-1].removesuffix(".") if lines else type(error).__name__


@contextmanager
def device_errors(what: str) -> Iterator[None]:
    """Turns what wgpu raises while it does ``what`` into DeviceError."""
    try:
        yield
    except DeviceError:
        raise
    except wgpu.GPUOutOfMemoryError as error:
        raise DeviceError(f"The device has no memory left for {what}.", SMALLER) from error
    except WGPU_ERRORS as error:
        raise DeviceError(f"The device failed at {what}: {reason(error)}.", "Try again, or train on the CPU: --device cpu.") from error
