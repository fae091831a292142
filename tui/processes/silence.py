"""Notices when nothing is heard for long from a process that should have something to say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds."""


class Silence:
    """Calls ``notice`` once, when nothing was said or asked for that long."""

    def __init__(self, notice: Callable[[], None]) -> None:
        self._notice = notice
        self._timer: asyncio.TimerHandle | None = None

    def broken(self) -> None:
        """Something was said or asked: the time begins anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._notice)
