"""A lock on a file that the operating system lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RETRY = 0.05
"""Seconds between two tries."""


class LockedError(RuntimeError):
    """Somebody else holds the lock."""


class Lock:
    """Holds an exclusive lock on ``path``, which is created if need be, until ``release``. Raises LockedError after ``wait`` seconds,
    and OSError.
    """

    def __init__(self, path: Path, wait: float = 0.0) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        deadline = time.monotonic() + wait
        try:
            while not _try_lock(self._descriptor):
                if time.monotonic() >= deadline:
                    raise LockedError(f"{path} is locked")
                time.sleep(RETRY)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Lets go; once is enough."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def holding(path: Path, refusal: Exception, wait: float = 0.0) -> Iterator[Lock]:
    """Holds the lock meanwhile. Raises ``refusal`` where somebody else has it, after ``wait`` seconds, and OSError."""
    try:
        lock = Lock(path, wait)
    except LockedError:
        raise refusal from None
    try:
        yield lock
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock; False where there is no such file, or none that we may open. Raises OSError."""
    if not os.access(path, os.R_OK | os.W_OK):
        return False
    try:
        Lock(path).release()
    except LockedError:
        return True
    return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
