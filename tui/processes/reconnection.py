"""When to try again to reach a worker whose connection broke: after ever longer pauses, as long as there is hope."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

SHORTEST, LONGEST = 1.0, 60.0
"""Seconds."""
MOST_TRIES = 100
"""In a row: somewhat more than an hour and a half."""
STEADY = 60.0
"""Seconds after which a connection counts as a good one."""
MOST_IN_VAIN = 3
"""Connections in a row that may break as soon as training goes on: then it is the training that breaks them."""


class Reconnection:
    """Is told how connections fare."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries = self._in_vain = 0
        self._reached: float | None = None
        self._is_training = False

    @property
    def is_going_on(self) -> bool:
        """Whether the present connection takes the place of one that broke."""
        return self._tries > 0

    def reached(self) -> None:
        """The worker is ready."""
        self._reached = self._clock()

    def began(self) -> None:
        """Training has begun, or goes on."""
        self._is_training = True

    def progressed(self) -> None:
        """An epoch has ended: whatever breaks from now on breaks for the first time."""
        self._tries = self._in_vain = 0
        self._is_training = False

    def broke(self) -> float | None:
        """Seconds to wait until the next try; None where there is no hope."""
        if self._reached is not None and self._clock() - self._reached > STEADY:
            self.progressed()
        self._in_vain += self._is_training
        self._reached, self._is_training = None, False
        if self._in_vain >= MOST_IN_VAIN or self._tries >= MOST_TRIES:
            return None
        self._tries += 1
        return float(min(SHORTEST * 2 ** (self._tries - 1), LONGEST))


class Countdown:
    """The time until the next try, which a person may cut short."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._cut_short = asyncio.Event()
        self.is_given_up = False
        """Whether there is to be no next try."""

    @property
    def seconds_left(self) -> int:
        """Whole ones, at least 1."""
        return max(1, math.ceil(self._end - time.monotonic()))

    async def second(self) -> bool:
        """Waits for a second, if there is one left; whether the pause goes on."""
        left = self._end - time.monotonic()
        try:
            await asyncio.wait_for(self._cut_short.wait(), min(1.0, max(0.0, left)))
        except TimeoutError:
            return left > 1.0
        return False

    def skip(self) -> None:
        self._cut_short.set()

    def give_up(self) -> None:
        self.is_given_up = True
        self._cut_short.set()
