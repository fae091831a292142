"""wgpu's instances and the adapters that they see. Imports little, so that it can begin before the rest of the engine is there."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.backends.wgpu.type_names import make_quick

if TYPE_CHECKING:
    from engine.backend import DeviceKind

FEATURE = "immediates"
"""What every kernel needs."""
SUBGROUPS = "subgroup"
"""What the resident plan needs and the layered one does without."""
APIS = ("Vulkan", "Metal", "DX12")
"""OpenGL lacks immediates, and takes half a second to look at."""
KINDS: dict[str, DeviceKind] = {"DiscreteGPU": "discrete", "IntegratedGPU": "integrated", "CPU": "software"}
RANKS: tuple[DeviceKind, ...] = ("discrete", "integrated", "software")

THREADS = "LP_NUM_THREADS"
"""What llvmpipe reads when an instance first looks for adapters. Where the user has set it, it holds."""
ALONE = 0
"""No threads of the driver's: the one that submits does the work."""

_instances: dict[int, Any] = {}
"""By the threads that a software driver has there."""
_lock = threading.Lock()


def import_wgpu() -> Any:
    """The module ``wgpu``, with all of it imported that an instance takes."""
    import wgpu
    import wgpu.backends.wgpu_native.extras
    from wgpu.backends.wgpu_native import ffi

    make_quick(ffi)
    return wgpu


def adapters(threads: int = ALONE) -> list[Any]:
    """The ``wgpu.GPUAdapter``s that can train, best first; none where there is no driver. ``threads``: a software driver's."""
    # The Vulkan loader complains on stderr where it is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    wgpu = import_wgpu()
    from wgpu.backends.wgpu_native import _helpers
    from wgpu.backends.wgpu_native.extras import set_instance_extras

    with _lock:
        _helpers._the_instance = _instances.get(threads)
        try:
            with _told(threads):
                if threads not in _instances:
                    set_instance_extras(backends=APIS)
                found = wgpu.gpu.enumerate_adapters_sync()
        except RuntimeError:
            return []
        finally:
            _instances[threads] = _helpers._the_instance
    usable = [adapter for adapter in found if FEATURE in adapter.features]
    return sorted(usable, key=lambda adapter: RANKS.index(kind(adapter)))


def kind(adapter: Any) -> DeviceKind:
    return KINDS.get(adapter.info["adapter_type"], "integrated")


def request_device(adapter: Any) -> Any:
    """A ``wgpu.GPUDevice`` with all that the adapter permits. Raises what wgpu raises."""
    return adapter.request_device_sync(required_features=[feature for feature in (FEATURE, SUBGROUPS) if feature in adapter.features])


@contextmanager
def _told(threads: int) -> Iterator[None]:
    """While it lasts, a driver that asks is told to have so many threads."""
    if THREADS in os.environ:
        yield
        return
    os.environ[THREADS] = str(threads)
    try:
        yield
    finally:
        del os.environ[THREADS]
