"""A process as the system sees it: the signals that end it, and a worker's streams."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, BinaryIO

SIGNALS: Mapping[int, int] = {
    getattr(signal, name): code for name, code in (("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)) if hasattr(signal, name)
}
"""Those that end a process in good order, and its exit code then."""


def own_stdout() -> BinaryIO:
    """The stream of events. What anything else prints, native code included, goes to stderr from now on."""
    events = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(events, "wb")


def handle_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)
