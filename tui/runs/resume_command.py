"""The command line that goes on with a run."""

from __future__ import annotations

import shlex


def resume_command(run: str, worker: str | None) -> str:
    """For a run's directory; ``worker`` is the command of the worker on another machine that has the run too, if there is one."""
    there = f" --worker {shlex.quote(worker)}" if worker else ""
    return f"digits-tui train --resume {shlex.quote(run)}{there}"
