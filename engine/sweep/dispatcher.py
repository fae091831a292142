"""Hands tasks to an executor and its reports back: each report to the task it belongs to, and to no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from engine import events
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.sweep import events as sweep_events
from engine.sweep.error import SweepError
from engine.sweep.executor import MOST_LOSSES, Began, Ended, Epoch, Executor, Failed, Job, Lost, Report, WorkerLost, WorkerReady

STOPS_THE_SWEEP = ("data", "file")
"""Kinds of failures that no other trial would be spared."""


class Wish(Enum):
    """What a person wants of a sweep that is going on."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


@dataclass(eq=False)
class Task:
    """Something to train, until it is done."""

    trial: int
    hyperparameters: Hyperparameters
    model: Path
    keep_from: float = -1.0
    seed: int | None = None
    losses: int = 0
    is_given_up: bool = False
    """Whether its end was asked for: further epochs do not count."""


class Part(Protocol):
    """A part of a sweep."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to begin."""
        ...

    def next(self) -> Task | None:
        """Another task, where there is one now."""
        ...

    def began(self, task: Task, worker: str) -> None: ...

    def epoch(self, task: Task, metrics: dict[str, Any]) -> bool:
        """Takes note of an epoch; False where the task is to end now, which the part then counts as ended."""
        ...

    def ended(self, task: Task, ended: Ended) -> None: ...

    def failed(self, task: Task, reason: str) -> None: ...


@dataclass
class Dispatcher:
    """Of one executor. ``inbox`` takes its messages and wishes, from any thread."""

    executor: Executor
    inbox: SimpleQueue[Any]
    emit: Callable[[events.Event], None]
    _tasks: dict[int, Task] = field(default_factory=dict)
    """What is being trained, by job."""
    _again: deque[Task] = field(default_factory=deque)
    _jobs: int = 0
    _is_paused: bool = False
    _is_started: bool = False

    def run(self, part: Part) -> bool:
        """Trains all tasks of a part; False where a person wanted to stop. Raises SweepError."""
        if not part.is_done and not self._is_started:
            self._is_started = True
            self.executor.start()
        while True:
            self._fill(part)
            if not self._tasks and not self._again and part.is_done:
                return True
            message = self.inbox.get()
            if message is Wish.STOP:
                return False
            if isinstance(message, Wish):
                self._pause(message is Wish.PAUSE)
                continue
            for report in self.executor.receive(message):
                self._take(part, report)

    def _pause(self, pause: bool) -> None:
        if pause == self._is_paused:
            return
        self._is_paused = pause
        if pause:
            self.executor.pause()
        else:
            self.executor.resume()
        self.emit(sweep_events.Paused() if pause else sweep_events.Resumed())

    def _fill(self, part: Part) -> None:
        while not self._is_paused and (jobs := self._next(part)):
            for report in self.executor.submit(jobs):
                self._take(part, report)

    def _next(self, part: Part) -> list[Job]:
        """Those to train together. One of which a worker may have died is alone, so that no other is blamed."""
        if self._again and self.executor.free:
            return [self._job(self._again.popleft())]
        jobs: list[Job] = []
        while len(jobs) < self.executor.free and (task := part.next()) is not None:
            jobs.append(self._job(task))
        return jobs

    def _job(self, task: Task) -> Job:
        self._jobs += 1
        self._tasks[self._jobs] = task
        return Job(self._jobs, task.trial, configuration.plain(task.hyperparameters), task.model, task.keep_from)

    def _take(self, part: Part, report: Report) -> None:
        match report:
            case WorkerReady():
                self.emit(sweep_events.WorkerReady(worker=report.worker, device=report.device))
                return
            case WorkerLost():
                self.emit(sweep_events.WorkerLost(worker=report.worker, message=report.message))
                return
        task = self._tasks.get(report.job)
        if task is None:  # a late word of a job that is over
            return
        match report:
            case Began() if not task.is_given_up:
                task.losses += report.attempt - 1
                part.began(task, report.worker)
            case Epoch() if not task.is_given_up:
                if not part.epoch(task, report.metrics):
                    task.is_given_up = True
                    self.executor.stop(report.job)
            case Ended():
                del self._tasks[report.job]
                part.ended(task, report)
            case Failed():
                if report.kind in STOPS_THE_SWEEP:
                    raise SweepError(report.message, "Mend that; then go on with the sweep under the same name.", report.kind)
                del self._tasks[report.job]
                part.failed(task, report.message)
            case Lost():
                del self._tasks[report.job]
                self._lost(part, task, report)

    def _lost(self, part: Part, task: Task, lost: Lost) -> None:
        task.losses += 1
        if task.losses >= MOST_LOSSES or lost.is_final:
            part.failed(task, f"{MOST_LOSSES} workers died of it: {lost.message}")
        elif task.is_given_up:
            part.failed(task, lost.message)
        else:
            self._again.append(task)
