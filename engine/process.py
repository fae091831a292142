"""A worker's process as the system sees it: its streams and its signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, BinaryIO

SIGNALS = {name: 128 + number for name, number in (("SIGHUP", 1), ("SIGINT", 2), ("SIGTERM", 15)) if hasattr(signal, name)}
"""Exit codes."""


def own_stdout() -> BinaryIO:
    """The stream of events. What anything else prints, native code included, goes to stderr from now on."""
    events = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(events, "wb")


def handle_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for name in SIGNALS:
        signal.signal(getattr(signal, name), handler)


def exit_code(number: int) -> int:
    """That of a process which a signal ends."""
    return SIGNALS[signal.Signals(number).name]
