"""Brings a data set that has a name, in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataset.catalogue import Registered
    from engine.events import Failed


class _CancelledError(Exception):
    """Nobody wants the data set any more."""


class Fetch:
    """An ``engine.data.fetching.Watcher`` that is looked at by who shows it. When the program ends, nobody waits for the thread."""

    def __init__(self, entry: Registered) -> None:
        self._entry = entry
        self.file = ""
        """The one that is on its way, and so the next."""
        self.done = 0
        self.total: int | None = None
        self.note_shown = ""
        """What went wrong on the way, last."""
        self.failure: Failed | None = None
        self.is_over = False
        self._is_cancelled = False

    def begin(self) -> None:
        threading.Thread(target=self._fetch, daemon=True).start()

    def cancel(self) -> None:
        """With the next bytes that come; they are kept for the next time."""
        self._is_cancelled = True

    def progress(self, file: str, done: int, total: int | None) -> None:
        if self._is_cancelled:
            raise _CancelledError
        self.file, self.done, self.total = file, done, total

    def note(self, text: str) -> None:
        self.note_shown = text

    def _fetch(self) -> None:
        from engine.data.fetching import fetch
        from engine.failures import failure

        try:
            fetch(self._entry, self)
        except _CancelledError:
            pass
        except Exception as error:
            self.failure = failure(error)
        self.is_over = True
