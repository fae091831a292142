"""The command that starts a worker."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath

from engine.process import WORKER

KEEP_ALIVE = {"ServerAliveInterval": 5, "ServerAliveCountMax": 3}
"""Options of ssh, so that a network that is gone is noticed within a quarter of a minute."""
NO_CONNECTION = 255
"""The exit code of ssh that is no worker's."""


def worker_command(given: str | None) -> list[str]:
    """What was given, split as a shell would, or the worker of this installation. Raises ValueError for quotes that do not close, and for
    blanks.
    """
    if not given:
        return list(WORKER)
    words = _split(given)
    if not words:
        raise ValueError("its command is blank")
    program, *arguments = words
    if is_connection([program]) and not any("ServerAlive" in argument for argument in arguments):
        arguments = [*(f"-o{name}={value}" for name, value in KEEP_ALIVE.items()), *arguments]
    return [program, *arguments]


def _split(given: str) -> list[str]:
    """As ``shlex.split``, with what is wrong in words of our own."""
    try:
        return shlex.split(given)
    except ValueError as error:
        if "escape" in str(error):
            raise ValueError(f"the \\ at the end of {given} stands before nothing; leave it out, or write it twice") from None
        raise ValueError(f"a quote in {given} is never closed; close it, or write \\ before it") from None


def is_connection(argv: Sequence[str]) -> bool:
    """Whether a command reaches another machine by ssh."""
    return PurePath(argv[0]).stem == "ssh"


def ending(argv: Sequence[str], code: int) -> str:
    """A sentence about a worker that ended without being told to. ``code`` is its exit code, or minus the signal that ended it."""
    is_broken = is_connection(argv) and (code < 0 or code == NO_CONNECTION)
    what = "The connection to the worker broke" if is_broken else "The worker ended unexpectedly"
    return f"{what} ({described(code)})."


def described(code: int) -> str:
    """How a process ended."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
