"""The error of everything that has to do with runs."""

from __future__ import annotations


class RunError(ValueError):
    """A run that is not there, is in use, or cannot be made: ``message`` says what, ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class RunInUseError(RunError):
    """Another process has the run; it may soon let go of it."""
