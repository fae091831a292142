"""Opens the graphics processor that is likely to be asked for while the process still imports the rest of the engine, and reads the
templates of its kernels.

The driver takes a good part of a second, and lets go of Python's lock meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import shaders
from engine.backends.wgpu.instances import adapters, import_wgpu, kind, request_device

if TYPE_CHECKING:
    from engine.backend import DeviceKind

KERNELS = ("forward", "gather", "resident", "delta", "update")
"""What trains on hardware."""
NOWHERE = 0
"""No adapter's place."""
_opening: Future[tuple[int, Any] | None] | None = None


def begin(request: str) -> None:
    """Begins to open the device of a request, ``auto``, ``gpu`` or a number; of any other there is none yet to be known."""
    global _opening
    # Not in the thread: two threads that import take turns, and the driver could not begin before both are through.
    with contextlib.suppress(Exception):  # who opens the device will fail at the same, and say so
        import_wgpu()
        _opening = ThreadPoolExecutor(1, "opening").submit(_open, request)


def take(position: int) -> Any | None:
    """The open device at that place among the adapters, counted from 1, for one who then owns it; None where it was not opened."""
    global _opening
    opening, _opening = _opening, None
    opened = opening.result() if opening is not None else None
    if opened is None:
        return None
    if opened[0] == position:
        return opened[1]
    opened[1].destroy()
    return None


def discard() -> None:
    """Closes what was opened, where the CPU trains after all."""
    take(NOWHERE)


def likely(request: str, kinds: Sequence[DeviceKind]) -> int | None:
    """The place of the adapter that ``devices.choose`` will take for a request, counted from 1, among adapters of these kinds; None where
    it is not to be told without it.
    """
    if request.isdecimal():
        return int(request) if 0 < int(request) <= len(kinds) else None
    wanted = [position for position, kind in enumerate(kinds, start=1) if request == "gpu" or (request == "auto" and kind != "software")]
    return wanted[0] if wanted else None


def _read_templates() -> None:
    with contextlib.suppress(Exception):  # who composes a kernel will fail at the same, and say so
        shaders.read(KERNELS)


def _open(request: str) -> tuple[int, Any] | None:
    try:
        found = adapters()
        position = likely(request, [kind(adapter) for adapter in found])
        if position is None:
            return None
        if kind(found[position - 1]) != "software":
            threading.Thread(target=_read_templates, name="reading templates", daemon=True).start()
        return position, request_device(found[position - 1])
    except Exception:
        return None  # whoever asks for it will open it again, and say what is wrong
