"""Trains trials on the workers of a Dask cluster that is there already: one task a trial, placed by the resource GPU where workers have it.

Dask starts the task of a lost worker once more elsewhere, and gives up a task that has killed two.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from engine.extras import how_to_install
from engine.model import DatasetFacts
from engine.storage.files import atomic_write
from engine.sweep.error import SweepError
from engine.sweep.executor import MOST_LOSSES, Began, Ended, Epoch, Failed, Job, Lost, Report, WorkerLost, WorkerReady
from engine.sweep.executors.remote import run_job

GPU = "GPU"
CONNECTING, GATHERING = 10, 60
"""Seconds to wait for the scheduler, and for a first worker."""
RECOUNT = 1.0
"""Seconds between two looks at how many workers there are."""


@dataclass
class _Running:
    job: Job
    future: Any
    attempt: str = ""
    worker: str = ""
    attempts: int = 0
    epochs: int = 0


@dataclass(frozen=True)
class _Told:
    """What a worker told."""

    message: dict[str, Any]


@dataclass(frozen=True)
class _Tick:
    """It is time to look how many workers there are."""


@dataclass(frozen=True)
class _Done:
    """A task is over: its result, or the error that Dask gave it."""

    job: int
    result: dict[str, Any] | None = None
    error: BaseException | None = None


@dataclass
class Cluster:
    """``address`` is the scheduler's; TLS is set up by Dask's own configuration. At most ``jobs`` trials at once, if given."""

    inbox: Callable[[Any], None]
    address: str
    device: str
    facts: DatasetFacts
    jobs: int | None
    _client: Any = None
    _running: dict[int, _Running] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _slots: int = 0
    _has_gpus: bool = False
    _begun: float = 0.0
    _is_closed: threading.Event = field(default_factory=threading.Event)
    _topic: str = field(default_factory=lambda: f"digits-tui-{uuid.uuid4().hex}")

    def start(self) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise SweepError("the executor dask needs the package distributed", how_to_install("cluster")) from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            place = urlsplit(self.address)
            with socket.create_connection((place.hostname, place.port or 0), CONNECTING):
                pass  # so that nobody waits for a scheduler that is not there
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other versions of what the workers do not need
                self._client = Client(self.address, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise SweepError(
                f"no Dask scheduler answers at {self.address}: {why}", "Check the address, and that a scheduler runs there.", "device"
            ) from None
        self._client.run_on_scheduler(_allow_one_failure)
        self._client.subscribe_topic(self._topic, lambda event: self.inbox(_Told(event[1])))
        self._begun = time.monotonic()
        threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while not self._is_closed.wait(RECOUNT if self._slots else RECOUNT / 10):
            self.inbox(_Tick())

    @property
    def free(self) -> int:
        slots = self._slots if self.jobs is None else min(self._slots, self.jobs)
        return max(slots - len(self._running), 0)

    def _count(self) -> None:
        workers = self._client.scheduler_info().get("workers", {}).values()
        gpus = sum(worker["resources"].get(GPU, 0) for worker in workers)
        self._has_gpus = gpus > 0
        self._slots = int(gpus) if gpus else sum(worker["nthreads"] for worker in workers)
        if not self._slots and not self._running and time.monotonic() - self._begun > GATHERING:
            raise SweepError(f"the cluster {self.address} has no workers", f"Start one with: dask worker {self.address}", "device")

    def submit(self, jobs: Sequence[Job]) -> list[Report]:
        for job in jobs:
            work = {
                "job": job.id,
                "topic": self._topic,
                "stop": self._flag(job.id),
                "device": self.device,
                "dataset": self.facts.name,
                "fingerprint": self.facts.fingerprint,
                "hyperparameters": job.hyperparameters,
                "keep_from": job.keep_from,
            }
            resources = {GPU: 1} if self._has_gpus else None
            key = f"{self._topic}-{job.id}"
            future = self._client.submit(run_job, work, key=key, pure=False, retries=0, resources=resources)
            self._running[job.id] = _Running(job, future)
            future.add_done_callback(lambda future, job=job.id: self.inbox(_outcome(job, future)))
        return []

    def receive(self, message: Any) -> list[Report]:
        if self._is_cut_off:
            raise SweepError(f"the Dask scheduler at {self.address} is gone", "Start it again, then go on with the sweep.", "device")
        match message:
            case _Tick():
                self._count()
            case _Told() if message.message["job"] in self._running:
                return self._told(self._running[message.message["job"]], message.message)
            case _Done() if message.job in self._running:
                return self._done(self._running.pop(message.job), message)
        return []

    @property
    def _is_cut_off(self) -> bool:
        """Whether the scheduler has been out of reach for so long that Dask has given it up."""
        return self._client is not None and self._client.status in ("closing", "closed")

    def _told(self, running: _Running, message: dict[str, Any]) -> list[Report]:
        if worker := message.get("began"):
            before, running.worker = running.worker, worker
            running.attempt, running.epochs = message["attempt"], 0
            running.attempts += 1
            reports: list[Report] = [WorkerLost(before, "its trial has begun again elsewhere")] if before else []
            if worker not in self._known:
                self._known.add(worker)
                reports.append(WorkerReady(worker, message["device"]))
            return [*reports, Began(running.job.id, worker, running.attempts)]
        if message["attempt"] != running.attempt or message["epoch"]["epoch"] != running.epochs + 1:
            return []
        running.epochs += 1
        return [Epoch(running.job.id, message["epoch"])]

    def _done(self, running: _Running, done: _Done) -> list[Report]:
        job = running.job
        if done.result is None:
            return [_lost(job.id, done.error)]
        self._clear_flag(job.id)
        if failed := done.result.get("failed"):
            return [Failed(job.id, failed["kind"], failed["message"])]
        if done.result["model"] is not None:
            atomic_write(job.model, done.result["model"])
        reports: list[Report] = []
        if done.result["attempt"] != running.attempt:  # the word that it began is still on its way
            reports.append(Began(job.id, running.worker, running.attempts + 1))
            running.epochs = 0
        reports += [Epoch(job.id, metrics) for metrics in done.result["epochs"][running.epochs :]]
        return [*reports, Ended(job.id, model=job.model if done.result["model"] else None, **done.result["ended"])]

    def stop(self, job: int) -> None:
        from distributed import Event

        Event(self._flag(job), client=self._client).set()

    def _flag(self, job: int) -> str:
        """The name of what tells a worker to stop a job."""
        return f"{self._topic}-stop-{job}"

    def _clear_flag(self, job: int) -> None:
        from distributed import Event

        Event(self._flag(job), client=self._client).clear()

    def pause(self) -> None:
        """Trials that are going on go on."""

    def resume(self) -> None:
        pass

    def close(self) -> None:
        self._is_closed.set()
        if self._client is None or self._is_cut_off:
            return
        for job, running in self._running.items():
            self.stop(job)
            running.future.cancel()
        self._running.clear()
        self._client.close()
        self._client = None


def _outcome(job: int, future: Any) -> _Done:
    """In a thread of the client."""
    try:
        return _Done(job, result=future.result())
    except BaseException as error:  # a cancelled task raises one that is no Exception
        return _Done(job, error=error)


def _lost(job: int, error: BaseException | None) -> Lost:
    """Raises SweepError where the workers cannot run tasks of ours at all."""
    from distributed import KilledWorker

    if isinstance(error, ImportError | AttributeError):
        advice = "Install the same version of digits-tui there, with all that it needs."
        raise SweepError(f"the workers of the cluster cannot train: {error}", advice, "device")
    if isinstance(error, KilledWorker):
        return Lost(job, f"{error.last_worker.address} was the last", is_final=True)
    return Lost(job, f"the cluster gave it up: {error}")


def _allow_one_failure(dask_scheduler: Any) -> None:
    """A task that has killed as many workers as a trial may kill is given up."""
    dask_scheduler.allowed_failures = min(dask_scheduler.allowed_failures, MOST_LOSSES - 1)
