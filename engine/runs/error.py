"""The error of everything that has to do with runs."""

from __future__ import annotations

from pathlib import Path

from engine.advised_error import AdvisedError


class RunError(AdvisedError, ValueError):
    """A run that is not there, is in use, or cannot be made."""


class RunInUseError(RunError):
    """Another process has the run; it may soon let go of it."""


def in_use(path: Path) -> RunInUseError:
    """The error for a run that another process has."""
    return RunInUseError(f"the run {path.name} is in use by another process", "Wait for it to end, or stop it there.")
