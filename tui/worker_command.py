"""The command that starts a worker."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import PurePath

KEEP_ALIVE = {"ServerAliveInterval": 5, "ServerAliveCountMax": 3}
"""Options of ssh, so that a network that is gone is noticed within a quarter of a minute."""


def worker_command(given: str | None) -> list[str]:
    """What was given, split as a shell would, or the worker of this installation. Raises ValueError for quotes that do not close."""
    if not given:
        return [sys.executable, "-P", "-m", "engine.worker"]
    program, *arguments = shlex.split(given)
    if is_connection([program]) and not any("ServerAlive" in argument for argument in arguments):
        arguments = [*(f"-o{name}={value}" for name, value in KEEP_ALIVE.items()), *arguments]
    return [program, *arguments]


def is_connection(argv: Sequence[str]) -> bool:
    """Whether a command reaches another machine by ssh."""
    return PurePath(argv[0]).stem == "ssh"
