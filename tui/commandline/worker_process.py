"""A worker for as long as one command runs: it gets the signals that the command gets, and never outlives it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import IO, Any, Self, cast

from engine import commands, events
from tui.commandline.errors import CommandLineError
from tui.worker_command import worker_command
from tui.worker_log import WorkerLog

PATIENCE = 8.0
"""Seconds that a worker may take to write its files after a signal."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class WorkerProcess:
    """A worker of this installation, or the one that ``command`` starts. As a context, it passes signals on, a second one by force."""

    def __init__(self, command: str | None) -> None:
        self._command = command
        self.log = WorkerLog()
        self.signal: int | None = None
        """The signal that was passed on."""
        self._has_begun = False
        """Whether it was told to train, and may have something to write at its end."""
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        with self.log.open() as log:
            try:
                argv = worker_command(self._command)
                self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
            except (OSError, ValueError) as error:
                raise CommandLineError(f"the worker cannot be started: {error}", "Check --worker.") from None
        self._handlers = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close_stdin()
        if self._has_begun:
            self._kill_after(PATIENCE)
        else:
            self._process.kill()
        self._process.wait()
        cast(IO[bytes], self._process.stdout).close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def send(self, command: commands.Command) -> None:
        """Tells the worker something; a worker that is gone is found out by ``events`` ending."""
        self._has_begun |= isinstance(command, commands.Train)
        stdin = cast(IO[bytes], self._process.stdin)
        with contextlib.suppress(BrokenPipeError):
            stdin.write(commands.to_json(command).encode() + b"\n")
            stdin.flush()

    def events(self) -> Iterator[tuple[events.Event, bytes]]:
        """Every event with its line, until the worker ends or is no longer listened to; other lines go to the log."""
        for line in cast(IO[bytes], self._process.stdout):
            try:
                event = events.from_json(line)
            except events.ProtocolError:
                self.log.write(line)
                continue
            yield event, line

    def wait(self) -> int:
        """How the worker ended: its exit code, or minus the signal that ended it."""
        return self._process.wait()

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            self._process.kill()
            return
        self.signal = number
        self._kill_after(PATIENCE)
        if sys.platform == "win32":
            self._close_stdin()
        else:
            self._process.send_signal(number)

    def _close_stdin(self) -> None:
        with contextlib.suppress(OSError):
            cast(IO[bytes], self._process.stdin).close()

    def _kill_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
