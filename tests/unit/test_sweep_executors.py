"""What the executors of a sweep make of a worker that is ready and fails otherwise than at a job."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine import events
from engine.sweep.executor import Failed, Job
from engine.sweep.executors.launcher import Launcher
from engine.sweep.executors.population import Populations
from engine.sweep.executors.processes import Processes
from engine.sweep.executors.worker_process import Message, WorkerProcess

JOBS = [Job(number, number, {}, Path("model"), -1.0) for number in (1, 2)]
DISK = events.Failed(kind="file", message="the disk is full", advice="")
UNKNOWN = events.Failed(kind="protocol", message="the command job knows no 'keep_from'", advice="")
LATE = events.Failed(kind="protocol", message="the command pause needs a run that is going on", advice="")


class ReadyWorker(WorkerProcess):
    """A worker without a process."""

    def __init__(self) -> None:
        self.name, self.is_ready, self.is_remote, self.job = "1", True, False, None
        self._was_paused, self._process = False, cast(Any, SimpleNamespace(stdin=io.BytesIO()))


def processes() -> tuple[Processes, ReadyWorker]:
    worker = ReadyWorker()
    return Processes(cast(Launcher, None), "cpu", 1, [worker]), worker


def population() -> tuple[Populations, ReadyWorker]:
    worker = ReadyWorker()
    executor = Populations(cast(Launcher, None), "gpu", 2, 1)
    executor._worker = worker
    return executor, worker


@pytest.mark.parametrize("failed", [DISK, UNKNOWN], ids=["disk", "unknown"])
@pytest.mark.parametrize(("make", "count"), [(processes, 1), (population, 2)])
def test_a_ready_worker_that_fails_fails_its_jobs(make: Any, count: int, failed: events.Failed) -> None:
    executor, worker = make()
    executor.submit(JOBS[:count])
    assert executor.receive(Message(worker, failed)) == [Failed(job.id, failed.kind, failed.message) for job in JOBS[:count]]
    assert executor.free == count, "it is free for others"


@pytest.mark.parametrize(("make", "count"), [(processes, 1), (population, 2)])
def test_a_pause_that_came_too_late_fails_no_job(make: Any, count: int) -> None:
    executor, worker = make()
    executor.submit(JOBS[:count])
    executor.pause()
    assert executor.receive(Message(worker, LATE)) == []
    assert executor.free == 0


class FakeLauncher(Launcher):
    """Starts workers without a process."""

    def __init__(self) -> None:
        self.launched: list[ReadyWorker] = []

    def launch(self, name: str, device: str, *, one_thread: bool) -> WorkerProcess:
        worker = ReadyWorker()
        worker.name = name
        self.launched.append(worker)
        return worker

    def ready(self, worker: WorkerProcess, ready: events.Ready) -> None:
        pass


@pytest.mark.parametrize(("jobs", "most", "expected"), [(8, 3, 3), (2, 3, 2), (2, None, 2)])
def test_no_worker_is_started_that_would_have_nothing_to_do(jobs: int, most: int | None, expected: int) -> None:
    launcher = FakeLauncher()
    executor = Processes(launcher, "cpu", jobs, most=most)
    executor.start()
    ready = events.Ready(device={"backend": "cpu"}, devices=[], note="", dataset={}, runs_directory="", versions={})
    executor.receive(Message(launcher.launched[0], ready))
    assert len(launcher.launched) == expected
