"""The error of everything that has to do with sweeps."""

from __future__ import annotations

from engine.advised_error import AdvisedError


class SweepError(AdvisedError, ValueError):
    """A sweep that cannot begin or go on; ``kind`` is one of ``engine.events.Failed``."""

    def __init__(self, message: str, advice: str, kind: str = "configuration") -> None:
        super().__init__(message, advice)
        self.kind = kind
