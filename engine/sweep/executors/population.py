"""Trains trials as populations: many networks of one shape at once, on one graphics processor, by one worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from engine import commands, events
from engine.sweep.error import SweepError
from engine.sweep.executor import Began, Ended, Failed, Job, Lost, Report, WorkerLost, WorkerReady
from engine.sweep.executors import unfit
from engine.sweep.executors.launcher import Launcher
from engine.sweep.executors.worker_process import Message, WorkerProcess, train_job

MEMBERS = 128
"""Trials asked for at once, where nobody says how many: about as many as a large graphics processor has cores."""


class Populations:
    """``members`` trials at once; ``models`` of them are worth writing."""

    def __init__(self, launcher: Launcher, device: str, members: int | None, models: int) -> None:
        self._launcher, self._device = launcher, device
        self._members, self._models = members or MEMBERS, models
        self._jobs: dict[int, Job] = {}
        self._worker: WorkerProcess | None = None

    def start(self) -> None:
        self._worker = self._launcher.launch("1", self._device, one_thread=False)

    @property
    def free(self) -> int:
        """All or none: what is trained together begins together."""
        return self._members if self._worker is not None and self._worker.is_ready and not self._jobs else 0

    def submit(self, jobs: Sequence[Job]) -> list[Report]:
        assert self._worker is not None
        self._jobs = {job.id: job for job in jobs}
        self._worker.send(commands.TrainJobs(jobs=[asdict(train_job(job)) for job in jobs], models=self._models))
        return [Began(job.id, self._worker.name) for job in jobs]

    def receive(self, message: Any) -> list[Report]:
        assert isinstance(message, Message)
        if message.worker is not self._worker:
            return []
        match message.event:
            case None:
                return self._gone(message.worker)
            case events.Ready() as ready:
                return self._ready(message.worker, ready)
            case events.Failed() as failed if not message.worker.is_ready:
                raise SweepError(failed.message, failed.advice, failed.kind)
        reports = message.worker.reports(message.event, self._jobs)
        for report in reports:
            if isinstance(report, Ended | Failed):
                self._jobs.pop(report.job, None)
        return list(reports)

    def _ready(self, worker: WorkerProcess, ready: events.Ready) -> list[Report]:
        if problem := unfit("population", ready.device):
            raise SweepError(problem, "Choose the executor processes, or another device.", "device")
        self._launcher.ready(worker, ready)
        return [WorkerReady(worker.name, ready.device)]

    def _gone(self, worker: WorkerProcess) -> list[Report]:
        how = self._launcher.gone(worker)
        jobs, self._jobs = self._jobs, {}
        self.start()
        return [WorkerLost(worker.name, how), *(Lost(job, how) for job in jobs)]

    def stop(self, job: int) -> None:
        if self._worker is not None and job in self._jobs:
            self._worker.send(commands.StopJob(job=job))

    def pause(self) -> None:
        if self._worker is not None and self._jobs:
            self._worker.send(commands.Pause())

    def resume(self) -> None:
        if self._worker is not None and self._jobs:
            self._worker.send(commands.Resume())

    def close(self) -> None:
        if self._worker is not None:
            self._worker.end()
        self._launcher.close()
