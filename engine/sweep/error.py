"""The error of everything that has to do with sweeps."""

from __future__ import annotations


class SweepError(ValueError):
    """A sweep that cannot begin or go on: ``message`` says why, ``advice`` what to do, ``kind`` is one of ``engine.events.Failed``."""

    def __init__(self, message: str, advice: str, kind: str = "configuration") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.kind = kind
