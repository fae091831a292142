"""A process as the system sees it: how a worker is started, its streams, the signals that end it, what it may use and has used."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any, BinaryIO

WORKER = (sys.executable, "-P", "-m", "engine")
"""The command that starts a worker of this installation."""
WORKER_ADVICE = "--worker takes a command that starts one: 'ssh gpu-box digits-tui worker', for example."
"""What to do where one cannot be started."""
SIGNALS: Mapping[int, int] = {
    getattr(signal, name): code for name, code in (("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)) if hasattr(signal, name)
}
"""Those that end a process in good order, and its exit code then."""


def start_problem(error: OSError | ValueError, argv: Sequence[str]) -> str:
    """Why a command cannot be started, in words."""
    program = argv[0] if argv else ""
    match error:
        case FileNotFoundError(filename=where) if where == program:
            return f"there is no program {program}"
        case PermissionError(filename=where) if where == program:
            return f"{program} may not be run"
        case OSError(strerror=str(reason)):
            return f"{error.filename}: {reason}" if error.filename else reason
    return str(error)


def own_stdout() -> BinaryIO:
    """The stream of events. What anything else prints, native code included, goes to stderr from now on."""
    events = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(events, "wb")


def handle_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def usable_processors() -> int:
    """Logical processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def training_processors() -> int:
    """How many processors to train with: those that this process may run on, or OMP_NUM_THREADS of them where that is fewer, as it is where
    several processes train at once.
    """
    count = usable_processors()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(count, int(wanted)) if wanted.isdecimal() and int(wanted) else count


def peak_mebibytes() -> float | None:
    """The most memory that this process has held; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS tells bytes, the others kibibytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
