"""A worker for as long as one command runs: it gets the signals that the command gets, and never outlives it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self, cast

from engine import commands, events
from engine.events import Event
from engine.process import SIGNALS, WORKER_ADVICE, start_problem
from tui.commandline.errors import CommandLineError
from tui.processes.command import ending, worker_command
from tui.processes.log import ProcessLog
from tui.processes.remote_files import RemoteFiles

PATIENCE = 8.0
"""Seconds that a worker may take to write its files after a signal."""


class WorkerProcess:
    """A worker of this installation, or the one that ``command`` starts. As a context, it passes signals on, a second one by force."""

    def __init__(self, command: str | None, runs_directory: Path | None = None) -> None:
        self._command = command
        self._argv: list[str] = []
        self._files = RemoteFiles(command, runs_directory)
        self.log = ProcessLog()
        self.signal: int | None = None
        """The signal that was passed on."""
        self._has_begun = False
        """Whether it was told to train, and may have something to write at its end."""
        self._handlers: dict[int, Any] = {}
        self._told = 0

    def __enter__(self) -> Self:
        self._start()
        self._handlers = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        return self

    def _start(self) -> None:
        with self.log.open() as log:
            try:
                self._argv = worker_command(self._command)
                self._files.begin()
                self._process = subprocess.Popen(
                    self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
                )
            except (OSError, ValueError) as error:
                self._files.end()
                raise CommandLineError(f"the worker cannot be started: {start_problem(error, self._argv)}", WORKER_ADVICE) from None

    def restart(self) -> None:
        """Starts it anew; what is left of the one before is ended. Raises CommandLineError."""
        self._process.kill()
        self._let_go()
        self._start()

    def _let_go(self) -> None:
        self._process.wait()
        self._close_stdin()
        cast(IO[bytes], self._process.stdout).close()
        self._files.end()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close_stdin()
        if self._has_begun:
            self._kill_after(PATIENCE)
        else:
            self._process.kill()
        self._let_go()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def remote(self) -> str | None:
        """The command that reaches the worker, where it is on another machine."""
        return self._command if self._files.is_remote else None

    def name_there(self, run: str) -> str:
        """What a run is called where the worker is."""
        return self._files.run(Path(run))

    def send(self, command: commands.Command) -> None:
        """Tells the worker something; a worker that is gone is found out by ``events`` ending."""
        self._has_begun |= isinstance(command, commands.Train)
        if isinstance(command, commands.Configure):
            command = self._files.configured(command)
        stdin = cast(IO[bytes], self._process.stdin)
        with contextlib.suppress(BrokenPipeError, *((ValueError,) if self.signal else ())):
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
            told = self._files.take(event)
            if not self._files.is_remote:
                yield event, line
                continue
            self._ask_for_more()
            for event in told:
                if isinstance(event, events.Finished | events.Failed):
                    yield from self.numbered(self._until_complete())
                yield from self.numbered([event])

    def _ask_for_more(self) -> None:
        if request := self._files.request():
            self.send(request)

    def numbered(self, told: Iterable[Event]) -> Iterator[tuple[Event, bytes]]:
        """As they would have come without the files."""
        for event in told:
            self._told += 1
            event = replace(event, seq=self._told)
            yield event, events.to_json(event).encode() + b"\n"

    def _until_complete(self) -> Iterator[Event]:
        """Waits for the files that are still on their way, as long as the worker is there."""
        while not self._files.is_complete and (line := cast(IO[bytes], self._process.stdout).readline()):
            yield from self._files.take(events.from_json(line))
            self._ask_for_more()

    def ending(self) -> str:
        """A sentence about how the worker ended."""
        return ending(self._argv, self.wait())

    def wait(self) -> int:
        """How the worker ended: its exit code, or minus the signal that ended it."""
        return self._process.wait()

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            self._process.kill()
            return
        self.signal = number
        self._kill_after(PATIENCE)
        if sys.platform == "win32" or self._files.is_remote:
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
