"""The command that starts a worker."""

from __future__ import annotations

import shlex
import sys


def worker_command(given: str | None) -> list[str]:
    """What was given, split as a shell would, or the worker of this installation. Raises ValueError for quotes that do not close."""
    return shlex.split(given) if given else [sys.executable, "-P", "-m", "engine.worker"]
