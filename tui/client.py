"""The one owner of the worker process, the latest progress and the run in hand. Knows no widgets."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine import commands, events
from engine.process import WORKER_ADVICE, start_problem
from tui import messages
from tui.keymap import key_in_force
from tui.options import Options
from tui.processes import child
from tui.processes.command import ending, worker_command
from tui.processes.lines import lines
from tui.processes.log import ProcessLog
from tui.processes.niceness import lower_process
from tui.processes.reconnection import Countdown, Reconnection
from tui.processes.remote_files import RemoteFiles
from tui.processes.silence import Silence
from tui.publisher import Publisher
from tui.runs.view import RunPhase, RunView, after, moved

LONGEST_LINE = 1 << 26
PATIENCE = 0.8
"""Seconds that a worker may take to end by itself."""
PATIENCE_AT_START = 0.2
"""The same for one that is still starting and has nothing to write."""
MOST_EARLIER = 4
"""Runs that are kept for comparison."""


class Status(StrEnum):
    """What the worker is about, in the words that are shown."""

    STARTING = "starting the worker"
    LOADING = "loading data"
    READY = "ready"
    FAILED = "not ready"
    BROKEN = "connection lost"
    LOST = "worker lost"


class WorkerClient(Publisher):
    """Starts the worker, tells it what to do, and tells subscribers what it says. Everything happens on the interface's loop."""

    def __init__(self, options: Options, log: ProcessLog | None = None) -> None:
        super().__init__()
        self.status = Status.STARTING
        self.device, self.dataset = options.device, options.dataset
        """What was asked for; ``ready`` says what there is."""
        self.ready: events.Ready | None = None
        self.loss: messages.WorkerLost | None = None
        """How the last worker was lost."""
        self.reconnecting: Countdown | None = None
        """Until the worker is tried to be reached again."""
        self.devices: list[dict[str, Any]] = []
        """Those that are known so far, each as in ``Ready``."""
        self.failure: events.Failed | None = None
        """Why there is no device or data set."""
        self.progress: events.Progress | None = None
        """The latest."""
        self.run: RunView | None = None
        self.earlier: tuple[RunView, ...] = ()
        """The runs before, the latest first, for comparison."""
        self.overlaid: tuple[RunView, ...] = ()
        """Runs that a person wants to see beside the run in hand."""
        self._command = options.worker
        self._runs_directory, self._keys = options.runs_directory, options.settings.keys
        self.log = log or ProcessLog()
        self._process: Process | None = None
        self.files = RemoteFiles(options.worker, options.runs_directory)
        self._settled = options.fallback
        """The device and the data set to go back to where others cannot be had."""
        self._waiting: commands.Train | None = None
        self._resumed: Path | None = None
        """The run that the waiting command goes on with."""
        self._phase_before: RunPhase | None = None
        """What that run was about when the connection broke."""
        self._reconnection = Reconnection()
        self._closing = False
        self._silence = Silence(lambda: self._tell(messages.WorkerSilent))

    @property
    def is_alive(self) -> bool:
        """Whether there is a worker that has, or may soon have, a device and a data set."""
        return self.status in (Status.STARTING, Status.LOADING, Status.READY, Status.BROKEN)

    @property
    def is_training(self) -> bool:
        return self.run is not None and not self.run.is_over

    async def live(self) -> None:
        """Starts a worker and listens to it until it ends; one on another machine is started anew where the connection to it breaks."""
        self._reconnection = Reconnection()
        while explanation := await self._live_once():
            if not await self._will_reconnect(explanation):
                return None if self._closing else self._lose(explanation)

    async def _live_once(self) -> str:
        """How the worker was lost; nothing where it was told to end."""
        self._become(Status.STARTING)
        argv: list[str] = []
        try:
            argv = worker_command(self._command)
            await asyncio.to_thread(self.files.begin)
            with self.log.open() as log:
                self._process = await asyncio.create_subprocess_exec(
                    *argv, stdin=PIPE, stdout=PIPE, stderr=log, limit=LONGEST_LINE, start_new_session=True
                )
        except (OSError, ValueError) as error:
            return f"The worker cannot be started: {start_problem(error, argv)}. {WORKER_ADVICE if self._command else ''}".strip()
        lower_process(self._process.pid)
        self.configure(self.device, self.dataset)
        if not await self._listen(self._process):
            return ""
        return ending(argv, await self._process.wait())

    async def _will_reconnect(self, explanation: str) -> bool:
        """Waits where a worker on another machine may be reached again. False where there is no hope, or a person has none."""
        is_first = not self._reconnection.is_going_on
        seconds = self._reconnection.broke() if self.files.is_remote else None
        if seconds is None:
            return False
        self._let_go()
        self._hold_run()
        self.reconnecting = pause = Countdown(seconds)
        self._become(Status.BROKEN)
        if is_first:
            self._tell(messages.ConnectionBroke, explanation=explanation)
        while await pause.second():
            self._tell(messages.WorkerChanged)
        self.reconnecting = None
        return not pause.is_given_up

    def _hold_run(self) -> None:
        """Lets the run in hand go on from its checkpoint once there is a worker, as it was going on."""
        run = self.run
        if run is None or run.is_over:
            return
        if run.phase not in (RunPhase.WAITING, RunPhase.PREPARING):
            self._phase_before = run.phase
        self._resumed = run.directory or self._resumed
        self._waiting, self.progress = commands.Train(hyperparameters=run.hyperparameters, preset=run.preset or None), None
        self.run = replace(run, hints=tuple(hint for hint in run.hints if not hint.changes))  # the next worker does not end others' advice
        self._enter(RunPhase.WAITING)

    async def _listen(self, process: Process) -> bool:
        """Handles a worker's lines to the last. False where it ended because it was told to."""
        assert process.stdout is not None
        async for line in lines(process.stdout, self.log):
            self._silence.broken()
            try:
                event = events.from_json(line)
            except events.ProtocolError:
                self.log.write(line)
                continue
            for told in await self._brought_here(event):
                self._take(told)
            if request := self.files.request():
                self._send(request)
        return not self._closing

    def end_worker(self) -> None:
        """Ends a worker that hangs; it counts as lost."""
        if self._process is not None:
            self._process.kill()

    async def _brought_here(self, event: events.Event) -> Sequence[events.Event]:
        """The events to handle in place of one, where files are brought here; what they take to write holds up nothing."""
        if isinstance(event, events.Ready | events.FilePiece):
            return await asyncio.to_thread(self.files.take, event)
        return self.files.take(event)

    def _take(self, event: events.Event) -> None:
        match event:
            case events.Progress():
                self.progress = event
            case events.Ready():
                self.ready, self.failure, self._settled = event, None, None
                self.devices = max(self.devices, event.devices, key=len)
                self._become(Status.READY)
                self._reconnection.reached()
                self._tell(messages.WorkerReady, ready=event, again=self._reconnection.is_going_on)
                self._send_waiting()
                return
            case events.Devices():
                self.devices = event.devices
                self._tell(messages.DevicesFound)
                return
            case events.Failed(kind="busy") if self._reconnection.is_going_on and self._process is not None:
                self._process.kill()  # the worker that was lost still has the run: it is as if this one were lost too
                return
            case events.Failed() if not self._is_of_the_run(event):
                self._fail(event)
                return
        self._follow(event)

    def _is_of_the_run(self, failure: events.Failed) -> bool:
        """Whether a failure ends the run in hand; a command that came too late does not."""
        if self.run is None or self.run.is_over or self._waiting:
            return False
        return failure.kind != "protocol" or self.run.phase is RunPhase.PREPARING

    def _fail(self, failure: events.Failed) -> None:
        """A command other than a run under way has failed."""
        if self.status is Status.LOADING:
            self._go_back(failure)
        if self._waiting:
            self._waiting = None
            self._follow(failure)
        self._tell(messages.WorkFailed, failure=failure)

    def _go_back(self, failure: events.Failed) -> None:
        """After a device or a data set that cannot be had."""
        if self._settled:
            (device, dataset), self._settled = self._settled, None
            self.configure(device, dataset)
        else:
            self.failure = failure
            self._become(Status.FAILED)

    def _follow(self, event: events.Event) -> None:
        """Carries the run in hand past an event, and tells."""
        before = self.run
        if before is None:
            return
        if isinstance(event, events.Started):
            self._reconnection.began()
        self.run = run = after(before, event)
        if isinstance(event, events.EpochEnded):
            self._reconnection.progressed()
            self._tell(messages.EpochFinished, run=run, epoch=event)
        elif run != before:
            self._tell(messages.RunChanged, run=run)
        if run.model is not None and (run.model, run.model_epoch) != (before.model, before.model_epoch):
            self._tell(messages.ModelChanged, path=run.model, epoch=run.model_epoch)
        if isinstance(event, events.Failed):
            self._tell(messages.WorkFailed, failure=event)

    def _become(self, status: Status) -> None:
        self.status = status
        self._tell(messages.WorkerChanged)

    def _lose(self, explanation: str) -> None:
        interrupted = self.run if self.is_training else None
        self._waiting = None
        self._let_go()
        key = key_in_force(self._keys, "worker.restart")
        advice = f"Press {key} to start it again; a run goes on from its last checkpoint."
        self.failure = events.Failed(kind="internal", message=explanation, advice=advice)
        self._become(Status.LOST)
        if interrupted:
            self.run = after(interrupted, self.failure)
            self._tell(messages.RunChanged, run=self.run)
        tail = self.log.tail() if self.log.path.exists() else ""
        self.loss = messages.WorkerLost(explanation, self.log.path, tail, interrupted)
        self._tell(messages.WorkerLost, explanation=explanation, log=self.log.path, tail=tail, interrupted=interrupted)

    def _let_go(self) -> None:
        """Of a worker that is gone."""
        self._process, self._settled, self.ready = None, None, None
        self.files.end()

    def _send(self, command: commands.Command) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return
        self._silence.broken()
        self._process.stdin.write(commands.to_json(command).encode() + b"\n")

    def configure(self, device: str, dataset: str) -> None:
        """Asks for a device and a data set; ``WorkerReady`` or ``WorkFailed`` answers."""
        if self.ready is not None:
            self._settled, self.ready = (self.device, self.dataset), None
        self.device, self.dataset = device, dataset
        self._become(Status.LOADING)
        runs = str(self._runs_directory) if self._runs_directory else None
        self._send(self.files.configured(commands.Configure(device=device, dataset=dataset, runs_directory=runs)))

    def look_for_devices(self) -> None:
        """``DevicesFound`` answers."""
        self._send(commands.ListDevices())

    def train(self, hyperparameters: dict[str, Any], preset: str, resume: RunView | None = None) -> None:
        """Begins a run, or goes on with an interrupted one, as soon as the worker is ready. ``preset`` is as in ``RunView``."""
        if self.run is not None and self.run.epochs and resume is None:
            self.earlier = (self.run, *self.earlier)[:MOST_EARLIER]
        self.progress = None
        self._resumed, self._phase_before = resume.directory if resume else None, None
        self._waiting = commands.Train(hyperparameters=hyperparameters, preset=preset or None)
        self.run = RunView(hyperparameters=hyperparameters, preset=preset)
        if resume is not None:
            self.run = replace(self.run, epochs=resume.epochs, changes=resume.changes)
        self._tell(messages.RunChanged, run=self.run)
        self._send_waiting()

    def _send_waiting(self) -> None:
        if self._waiting and self.run and self.status is Status.READY:
            resume = self.files.run(self._resumed) if self._resumed else None  # known only now that the worker has said where it is
            self._send(replace(self._waiting, resume=resume))
            self._waiting = None
            self._enter(RunPhase.PREPARING)
            match self._phase_before:
                case RunPhase.PAUSED:
                    self.pause()
                case RunPhase.STOPPING:
                    self.stop()
                case RunPhase.ABORTING:
                    self.abort()

    def _enter(self, phase: RunPhase) -> None:
        if self.run is not None:
            self.run = self.run.in_phase(phase)
            self._tell(messages.RunChanged, run=self.run)

    def pause(self) -> None:
        self._send(commands.Pause())

    def resume(self) -> None:
        self._send(commands.Resume())

    def change(self, key: str, value: float) -> None:
        """Changes a live hyperparameter of the run in hand; the run's ``changes`` answer."""
        self._send(commands.Set(key=key, value=value))
        if self.run is not None:
            self.run = self.run.asking(key, value)

    def stop(self) -> None:
        """Finishes the epoch, keeps everything."""
        self._leave(commands.Stop(), RunPhase.STOPPING)

    def abort(self) -> None:
        """Ends the run now; what the finished epochs gave is kept."""
        self._leave(commands.Abort(), RunPhase.ABORTING)

    def _leave(self, command: commands.Command, phase: RunPhase) -> None:
        if self._waiting:
            self._waiting = None
            self._enter(RunPhase.STOPPED)
        elif self.is_training:
            self._send(command)
            self._enter(phase)

    def show(self, run: RunView) -> None:
        """Takes a run that is over, opened from its files, in hand."""
        self.run = run
        self._tell(messages.RunChanged, run=run)
        if run.model:
            self._tell(messages.ModelChanged, path=run.model, epoch=run.model_epoch)

    def overlay(self, runs: tuple[RunView, ...]) -> None:
        """Shows runs beside the run in hand; none for no longer."""
        self.overlaid = runs
        self._tell(messages.OverlayChanged)

    def relocate(self, before: Path, now: Path) -> None:
        """A run's directory was moved."""
        if self.run is not None and self.run.directory == before:
            self.run = moved(self.run, now)
        self.earlier, self.overlaid = (
            tuple(moved(run, now) if run.directory == before else run for run in runs) for runs in (self.earlier, self.overlaid)
        )

    def evaluate(self, model: Path) -> None:
        """``RunChanged`` answers, for the run in hand; nothing does where the worker is on another machine and has no such model."""
        if name := self.files.model(model):
            self._send(commands.Evaluate(model=name))

    async def shutdown(self) -> None:
        """Ends the worker, by force where it does not end by itself in time."""
        self._closing = True
        if self.reconnecting is not None:
            self.reconnecting.give_up()
        patience = PATIENCE if self.devices else PATIENCE_AT_START
        process = self._process
        if process is None:
            return
        self._send(commands.Shutdown())
        await child.end(process, patience)
        self._process = None
        self.files.end()
