"""Trains trials in worker processes: one an adapter, or several on the CPU, one BLAS thread each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import commands, devices, events
from engine.commands import Command
from engine.process import usable_processors
from engine.sweep.error import SweepError
from engine.sweep.executor import Began, Ended, Failed, Job, Lost, Report, WorkerLost, WorkerReady
from engine.sweep.executors.launcher import Launcher
from engine.sweep.executors.worker_process import Message, WorkerProcess, train_job


@dataclass
class Processes:
    """``jobs`` workers, or one for each adapter or core."""

    launcher: Launcher
    device: str
    jobs: int | None
    most: int | None = field(default=None, kw_only=True)
    """More workers would have nothing to do."""
    _workers: list[WorkerProcess] = field(default_factory=list)
    _devices: dict[str, str] = field(default_factory=dict)
    """What each worker was told to open."""
    _places: list[str] = field(default_factory=list)
    """The devices of all workers, once the first has told what there is."""
    _started: int = 0

    def start(self) -> None:
        self._spawn(self.device)

    @property
    def free(self) -> int:
        return sum(worker.is_ready and worker.job is None for worker in self._workers)

    def submit(self, jobs: Sequence[Job]) -> list[Report]:
        begun: list[Report] = []
        idle = [worker for worker in self._workers if worker.is_ready and worker.job is None]
        for worker, job in zip(idle, jobs, strict=False):
            worker.job = job
            worker.send(train_job(job))
            begun.append(Began(job.id, worker.name))
        return begun

    def receive(self, message: Any) -> list[Report]:
        assert isinstance(message, Message)
        worker = message.worker
        if worker not in self._workers:
            return []
        match message.event:
            case None:
                return self._gone(worker)
            case events.Ready() as ready:
                return self._ready(worker, ready)
            case events.Failed() as failed if not worker.is_ready:
                raise SweepError(failed.message, failed.advice, failed.kind)
        reports = worker.reports(message.event, {worker.job.id: worker.job} if worker.job else {})
        if any(isinstance(report, Ended | Failed) for report in reports):
            worker.job = None
        return list(reports)

    def stop(self, job: int) -> None:
        for worker in self._workers:
            if worker.job is not None and worker.job.id == job:
                worker.send(commands.StopJob(job=job))

    def pause(self) -> None:
        self._tell_busy(commands.Pause())

    def resume(self) -> None:
        self._tell_busy(commands.Resume())

    def close(self) -> None:
        for worker in self._workers:
            worker.hang_up()
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self.launcher.close()

    def _tell_busy(self, command: Command) -> None:
        for worker in self._workers:
            if worker.job is not None:
                worker.send(command)

    def _spawn(self, device: str) -> None:
        self._started += 1
        worker = self.launcher.launch(f"{self._started}", device, one_thread=self.jobs != 1)
        self._workers.append(worker)
        self._devices[worker.name] = device

    def _ready(self, worker: WorkerProcess, ready: events.Ready) -> list[Report]:
        self.launcher.ready(worker, ready)
        if not self._places:
            self._places = places(self.device, self.jobs, ready)[: self.most]
            self._devices[worker.name] = self._places[0]
            for device in self._places[1:]:
                self._spawn(device)
        return [WorkerReady(worker.name, ready.device)]

    def _gone(self, worker: WorkerProcess) -> list[Report]:
        self._workers.remove(worker)
        how = self.launcher.gone(worker)
        self._spawn(self._devices.pop(worker.name))
        lost: list[Report] = [WorkerLost(worker.name, how)]
        return [*lost, Lost(worker.job.id, how)] if worker.job else lost


def places(device: str, jobs: int | None, ready: events.Ready) -> list[str]:
    """The device of each worker, given that of the first: as many as there are jobs; else cores, of which those of another machine are
    not known; else, where nobody chose one, hardware adapters.
    """
    if ready.device["backend"] == "cpu":
        return [devices.CPU] * (jobs or (1 if ready.is_remote else usable_processors()))
    own = str(ready.device["index"])
    adapters = [str(found["index"]) for found in ready.devices if found["kind"] not in ("cpu", "software")]
    several = adapters if device in (devices.AUTO, "gpu") and own in adapters else [own]
    return [several[number % len(several)] for number in range(jobs or len(several))]
