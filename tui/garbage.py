"""When the garbage collector takes its long looks: 0.1 s each, which would hold up keys."""

from __future__ import annotations

import gc
import time

SELDOM = 2000
"""Collections of the middle generation between two of the oldest that begin by themselves: minutes of busy use."""
QUIET = 1.0
"""Seconds without a key after which nobody notices."""
LONGEST = 60.0
"""Seconds after which there is so much garbage that a key may be held up for once."""
INTERVAL = 5.0
"""Seconds between two looks at whether it is quiet."""


class Tidier:
    """For a process of its own: the collector is the whole interpreter's."""

    def __init__(self) -> None:
        """What there is now is taken for what stays."""
        gc.freeze()
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, SELDOM)
        self._last_key = self._tidied = time.monotonic()

    def notice_key(self) -> None:
        self._last_key = time.monotonic()

    def tidy(self) -> None:
        """Collects all garbage, if there may be much and it is quiet, or was not for long."""
        now = time.monotonic()
        if gc.get_count()[2] > 0 and (now - self._last_key > QUIET or now - self._tidied > LONGEST):
            gc.collect()
            self._tidied = now
