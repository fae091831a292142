"""The one owner of a sweep's coordinator process, and of the sweep that is shown. Knows no widgets.

Optuna lives in that process alone, and what the sweep screen needs of the engine is imported when there is a sweep.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Event, ProtocolError
from engine.process import start_problem
from tui import messages
from tui.client import LONGEST_LINE
from tui.log import log_file
from tui.options import Options
from tui.processes import child
from tui.processes.command import described
from tui.processes.lines import lines
from tui.processes.log import ProcessLog
from tui.processes.niceness import lower_process
from tui.publisher import Publisher

if TYPE_CHECKING:
    from engine.sweep.request import Request
    from tui.sweep.view import SweepView

PATIENCE = 1.5
"""Seconds that a coordinator may take to put its trials back when the dashboard ends; it survives being killed too."""
LINES_AT_ONCE = 50
"""Read before the interface has its turn."""


class SweepClient(Publisher):
    """Starts a coordinator, tells it what to do, and keeps what it tells. Everything happens on the interface's loop.

    Epochs and trials come by the thousand: who shows them looks at ``sweep.version`` now and then. ``messages.SweepChanged`` tells
    subscribers of another phase.
    """

    def __init__(self, options: Options, log: ProcessLog | None = None) -> None:
        super().__init__()
        self.sweep: SweepView | None = None
        self.request: Request | None = None
        """That of the sweep that is going on, or was."""
        self.log = log or ProcessLog(log_file("sweep.log"))
        self._command = options.coordinator
        self._process: Process | None = None
        self._is_closing = False

    @property
    def is_running(self) -> bool:
        """Whether a sweep is going on."""
        return self.sweep is not None and self.request is not None and not self.sweep.is_over

    @property
    def is_busy(self) -> bool:
        """Whether another sweep cannot be begun or opened now."""
        return self.sweep is not None and not self.sweep.is_over

    async def run(self, request: Request) -> None:
        """Begins a sweep, or goes on with one, and listens to it until it ends."""
        from tui.sweep.view import SweepPhase, SweepView

        if self.is_busy:
            return
        before, self.request = self.sweep, request
        self.sweep = SweepView(request.name or "", SweepPhase.STARTING, request.top, request.seeds)
        if before is not None and before.name == request.name:
            self.sweep.take_up(before)
        await self._live([], json.dumps(asdict(request)))

    async def open(self, study: Path) -> None:
        """Shows a sweep that is not going on, from its study file."""
        from tui.sweep.view import SweepPhase, SweepView

        if self.is_busy:
            return
        self.request, self.sweep = None, SweepView(study.stem, SweepPhase.OPENING)
        await self._live([str(study)])

    async def _live(self, arguments: list[str], first_line: str = "") -> None:
        self._tell(messages.SweepChanged)
        argv = shlex.split(self._command) if self._command else [sys.executable, "-P", "-m", "engine.sweep"]
        try:
            with self.log.open() as log:
                self._process = process = await asyncio.create_subprocess_exec(
                    *argv, *arguments, stdin=PIPE, stdout=PIPE, stderr=log, limit=LONGEST_LINE, start_new_session=True
                )
        except OSError as error:
            self._lose(f"The sweep's process cannot be started: {start_problem(error, argv)}.")
            return
        lower_process(process.pid)
        if first_line:
            self._write(first_line)
        await self._listen(process)
        code = await process.wait()
        self._process = None
        if self.sweep is not None and not self.sweep.is_over and not self._is_closing:
            self._lose(f"The sweep's process ended unexpectedly ({described(code)}).")

    async def _listen(self, process: Process) -> None:
        from engine.sweep.events import from_json

        assert process.stdout is not None
        number = 0
        async for line in lines(process.stdout, self.log):
            try:
                event = from_json(line)
            except ProtocolError:
                self.log.write(line)
                continue
            self._take(event)
            number += 1
            if number % LINES_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _take(self, event: Event) -> None:
        from engine.sweep.events import SweepFailed

        assert self.sweep is not None
        before = self.sweep.phase, self.sweep.is_paused
        self.sweep.take(event)
        if (self.sweep.phase, self.sweep.is_paused) != before:
            self._tell(messages.SweepChanged)
        if isinstance(event, SweepFailed):
            self._tell(messages.SweepFailed, failure=event)

    def _lose(self, explanation: str) -> None:
        assert self.sweep is not None
        self.sweep.lose()
        self._tell(messages.SweepChanged)
        tail = self.log.tail() if self.log.path.exists() else ""
        self._tell(messages.SweepLost, explanation=explanation, log=self.log.path, tail=tail)

    def _write(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(line.encode() + b"\n")

    def pause(self) -> None:
        """Holds the trials; ``SweepChanged`` answers, as to the next two."""
        self._write('{"command": "pause"}')

    def resume(self) -> None:
        self._write('{"command": "resume"}')

    def stop(self) -> None:
        """Ends the sweep now; it can be gone on with."""
        from tui.sweep.view import SweepPhase

        if self.is_running and self.sweep is not None:
            self._write('{"command": "stop"}')
            self.sweep.become(SweepPhase.STOPPING)
            self._tell(messages.SweepChanged)

    async def shutdown(self) -> None:
        """Ends the coordinator, by force where it does not end by itself in time."""
        self._is_closing = True
        if self._process is not None:
            await child.end(self._process, PATIENCE)
