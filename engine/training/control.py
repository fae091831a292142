"""What a person wants of a training that is going on; set from one thread, polled by the thread that trains."""

from __future__ import annotations

import threading
from typing import Any


class Control:
    """Thread-safe. ``stop`` finishes the epoch; ``abort`` does not; ``interrupt`` is an abort that writes a checkpoint on the spot."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = self._stop = self._abort = self._interrupt = self._snapshot = False
        self._changes: list[tuple[str, Any]] = []

    def pause(self) -> None:
        self._assign(_paused=True)

    def resume(self) -> None:
        self._assign(_paused=False)

    def stop(self) -> None:
        self._assign(_stop=True)

    def abort(self) -> None:
        self._assign(_abort=True)

    def interrupt(self) -> None:
        self._assign(_abort=True, _interrupt=True)

    def snapshot(self) -> None:
        self._assign(_snapshot=True)

    def change(self, key: str, value: Any) -> None:
        """Asks for a new value of a live hyperparameter."""
        with self._changed:
            self._changes.append((key, value))
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        """Whether to wait; a stop or an abort ends a pause."""
        return self._paused and not self._stop and not self._abort

    @property
    def stopping(self) -> bool:
        """Whether this epoch is the last."""
        return self._stop

    @property
    def aborting(self) -> bool:
        """Whether to end at once."""
        return self._abort

    @property
    def interrupted(self) -> bool:
        """Whether to write a checkpoint before ending at once."""
        return self._interrupt

    def take_changes(self) -> list[tuple[str, Any]]:
        """The changes asked for since the last call, in order."""
        with self._changed:
            changes, self._changes = self._changes, []
            return changes

    def take_snapshot(self) -> bool:
        """Whether a snapshot was asked for since the last call."""
        with self._changed:
            wanted, self._snapshot = self._snapshot, False
            return wanted

    def wait(self, seconds: float) -> None:
        """Sleeps, at most until something changes."""
        with self._changed:
            self._changed.wait(seconds)

    def _assign(self, **flags: bool) -> None:
        with self._changed:
            for name, value in flags.items():
                setattr(self, name, value)
            self._changed.notify_all()
