"""The command lines that go on with a run, and with a sweep."""

from __future__ import annotations

import shlex
from pathlib import Path


def resume_command(run: str, worker: str | None) -> str:
    """For a run's directory; ``worker`` is the command of the worker on another machine that has the run too, if there is one."""
    there = f" --worker {shlex.quote(worker)}" if worker else ""
    return f"digits-tui train --resume {shlex.quote(run)}{there}"


def sweep_command(study: str) -> str:
    """For a sweep's study file."""
    path = Path(study)
    return f"digits-tui sweep --runs-dir {shlex.quote(str(path.parent.parent))} --name {shlex.quote(path.stem)}"
