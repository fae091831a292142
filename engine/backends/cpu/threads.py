"""Threads that share work.

NumPy and BLAS let go of Python's lock while they compute. BLAS itself is kept to one thread: its threads spin while they wait for each
other, and where another process wants their processor, a product of a millisecond can take fifty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import threadpoolctl

Part = TypeVar("Part")
Result = TypeVar("Result")


class Threads:
    """The calling thread and ``size - 1`` more."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._helpers = ThreadPoolExecutor(size - 1, "helper") if size > 1 else None
        threadpoolctl.threadpool_limits(1, user_api="blas")

    def share(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
        """What ``work`` returns for each of at most ``size`` parts, which are worked on at once and must not depend on each other."""
        if self._helpers is None:
            return list(map(work, parts))
        others = [self._helpers.submit(work, part) for part in parts[1:]]
        try:
            mine = list(map(work, parts[:1]))
        finally:
            theirs = [other.result() for other in others]
        return mine + theirs

    def close(self) -> None:
        if self._helpers is not None:
            self._helpers.shutdown()
