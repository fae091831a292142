"""A terminal that may be taken away at any moment: a window is closed, a connection breaks."""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

HUNG_UP = 129
HANGUP_CHECK = 1000
"""Milliseconds between two looks at whether the dashboard is left, while the terminal is there."""


class Output:
    """What is written after the terminal is gone goes nowhere: a writer that fails instead would leave the interface waiting for it."""

    def __init__(self, file: IO[str], when_lost: Callable[[], None]) -> None:
        self._file, self._when_lost = file, when_lost
        self._is_lost = False

    def write(self, text: str) -> None:
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _attempt(self, do: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            do()
        except OSError:
            self._is_lost = True
            self._when_lost()


class TerminalDriver(LinuxDriver):
    """Leaves the dashboard in good order when there is no terminal any more, also where no signal says so."""

    def __init__(self, app: App[Any], **named: Any) -> None:
        super().__init__(app, **named)
        self._file: Any = Output(self._file, self._lose)

    def run_input_thread(self) -> None:
        threading.Thread(target=self._wait_for_hangup, daemon=True).start()
        try:
            super().run_input_thread()
        except OSError:
            self._lose()

    def _wait_for_hangup(self) -> None:
        """Where another program, such as make, leads the session, no signal comes, and reading only finds nothing, again and again."""
        if sys.platform == "win32":
            return
        watch = select.poll()
        watch.register(self.fileno, 0)
        while not self.exit_event.is_set():
            for _, found in watch.poll(HANGUP_CHECK):
                if found & select.POLLHUP:
                    self._lose()
                return

    def _lose(self) -> None:
        self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        if self._app.return_code is None:
            self._app.exit(return_code=HUNG_UP)
