"""What a worker tells of a training, over as many connections as it takes where it is on another machine."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from engine import commands
from engine.devices import AUTO
from engine.events import EpochEnded, Event, Failed, Hint, Ready, Started
from tui.commandline.reporter import Reporter
from tui.commandline.worker_process import WorkerProcess
from tui.processes.reconnection import Reconnection

TICK = 0.2
"""Seconds in which a signal and the Enter key are heeded."""


class Persistence:
    """``configure`` is what the worker was told, ``train`` what it is told once it is ready; after the run has begun, to go on with it."""

    def __init__(self, process: WorkerProcess, configure: commands.Configure, train: commands.Train, reporter: Reporter) -> None:
        self._process, self._configure, self._train, self._reporter = process, configure, train, reporter
        self._reconnection = Reconnection()

    def events(self) -> Iterator[tuple[Event, bytes]]:
        """As ``WorkerProcess.events``; a hint tells of a connection that broke. Ends where there is no hope, or a person gives up."""
        while True:
            is_first, why = not self._reconnection.is_going_on, ""
            for event, line in self._process.events():
                if isinstance(event, Failed) and event.kind == "busy" and not is_first:
                    why = event.message  # the worker that was lost still has the run
                    break
                self._follow(event)
                yield event, line
            seconds = self._reconnection.broke() if self._process.remote and self._process.signal is None else None
            if seconds is None:
                return
            why = why or self._process.ending()
            if is_first:
                message = f"{why[:1].lower()}{why[1:]} Trying to reach it again."
                yield from self._process.numbered([Hint(kind="connection", message=message)])
            if not self._waited(seconds):
                return
            self._process.restart()
            self._process.send(self._configure)

    def _follow(self, event: Event) -> None:
        match event:
            case Ready():
                self._reconnection.reached()
                self._process.send(self._train)
            case Started():
                self._reconnection.began()
                run = self._process.name_there(event.run)
                self._train = commands.Train(resume=run)
                device = self._configure.device
                self._configure = replace(self._configure, run=run, dataset=None, device=None if device == AUTO else device)
            case EpochEnded():
                self._reconnection.progressed()

    def _waited(self, seconds: float) -> bool:
        """Whether to try again now; the reporter counts the seconds meanwhile. False after a signal."""
        end = time.monotonic() + seconds
        while self._process.signal is None and (left := end - time.monotonic()) > 0:
            self._reporter.status(f"no connection: next try in {left + 1:.0f} s (Enter: now, Ctrl+C: give up)")
            if _enter_pressed(min(TICK, left)):
                break
        self._reporter.clear()
        return self._process.signal is None


def _enter_pressed(seconds: float) -> bool:
    """Whether a line is typed within that time, where there is a terminal that types for this process."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            if os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
                return bool(select.select([sys.stdin], [], [], seconds)[0] and sys.stdin.readline())
    time.sleep(seconds)
    return False
