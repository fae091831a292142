"""How long a run has spent in what: measured, every second of it once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum


class Phase(StrEnum):
    PREPARING = "preparing"
    """Compiling kernels, setting up buffers."""
    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"
    """The test digits, at the end."""
    SAVING = "saving"
    """Reading the parameters back, and writing files."""
    PAUSED = "paused"
    OTHER = "other"


class Phases:
    """A stopwatch that always runs, for one phase at a time. ``before`` is what earlier parts of the same run took."""

    def __init__(self, before: Mapping[str, float] | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = dict(before or {})
        self._clock = clock
        self._phase, self._since = Phase.OTHER, clock()

    @contextmanager
    def within(self, phase: Phase) -> Iterator[None]:
        """Counts what is done inside for ``phase``, and no longer for the one around it."""
        outer = self._switch(phase)
        try:
            yield
        finally:
            self._switch(outer)

    def seconds(self) -> dict[str, float]:
        """By phase, up to now; only those that there have been."""
        self._switch(self._phase)
        return dict(self._seconds)

    def _switch(self, phase: Phase) -> Phase:
        now, before = self._clock(), self._phase
        self._seconds[before] = self._seconds.get(before, 0.0) + now - self._since
        self._phase, self._since = phase, now
        return before
