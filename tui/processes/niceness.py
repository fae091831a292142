"""Who waits for whom where there are fewer cores than threads: the interface for nobody, the worker for all."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

OF_THREADS, OF_WORKERS = 2, 4
"""The niceness of the interface's own threads, and of the processes that it starts."""


def lower_process(process: int) -> None:
    """Where the system can."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process, OF_WORKERS)
    if sys.platform == "linux":  # which may schedule sessions, not processes, against each other: see sched(7), autogroup
        with contextlib.suppress(OSError):
            Path(f"/proc/{process}/autogroup").write_text(str(OF_WORKERS))


def lower_thread() -> None:
    """The thread that calls: Linux has a niceness for each."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), OF_THREADS)
