"""A worker process of a sweep, and what it says, as messages in an inbox."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import commands, events
from engine.commands import Command
from engine.jobs.courier import Parcels
from engine.storage.files import atomic_write
from engine.sweep.executor import Ended, Epoch, Failed, Job

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
EVENT = b'{"event"'
OTHER_VERSION = events.Failed(
    kind="protocol", message="the worker is of another version", advice="Install the same version of digits-tui where it is."
)
PATIENCE = 2.0
"""Seconds that a worker may take to end."""


class WorkerProcess:
    """Runs from its making, which raises OSError, to ``end``. ``log`` takes what it writes to stderr."""

    def __init__(self, name: str, command: Sequence[str], log: Path, inbox: Callable[[Any], None], *, one_thread: bool) -> None:
        self.name = name
        self.is_ready = False
        self.is_remote = False
        """Whether it does not see the files here, and sends its models."""
        self.job: Job | None = None
        self._was_paused = False
        """Whether it was ever told to pause or to go on, which it refuses, by ``failed``, where its job is over by then."""
        self._inbox = inbox
        self._parcels = Parcels()
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | (ONE_THREAD if one_thread else {})
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True, env=environment
            )
        self._listener = threading.Thread(target=self._listen, name=f"worker {name}", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._inbox(Message(self, events.from_json(line)))
            except events.ProtocolError:
                if line.startswith(EVENT) and not self.is_ready:  # anything else is the chatter of a connection
                    self._inbox(Message(self, OTHER_VERSION))
        self._inbox(Message(self))

    def send(self, command: Command) -> None:
        """A worker that is gone is found out by the end of its events."""
        assert self._process.stdin is not None
        self._was_paused |= isinstance(command, commands.Pause | commands.Resume)
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(commands.to_json(command).encode() + b"\n")
            self._process.stdin.flush()

    def reports(self, event: events.Event | None, jobs: Mapping[int, Job]) -> list[Epoch | Ended | Failed]:
        """What an event of this worker, which is ready and has these jobs, is to the coordinator. Writes the models that come from another
        machine, and so raises OSError.
        """
        match event:
            case events.JobModel() if event.job in jobs:
                self._parcels.take(event)
            case events.JobEpoch():
                return [Epoch(event.job, event.metrics)]
            case events.JobEnded():
                return [self._ended(event, jobs.get(event.job))]
            case events.JobFailed():
                return [Failed(event.job, event.kind, event.message)]
            case events.Failed() if not (self._was_paused and event.kind == "protocol"):  # such a wish may come when the job is over
                return [Failed(job, event.kind, event.message) for job in jobs]
        return []

    def _ended(self, event: events.JobEnded, job: Job | None) -> Ended:
        return Ended(
            event.job,
            event.reason,
            event.epochs,
            event.best_epoch,
            event.validation_accuracy,
            event.validation_loss,
            event.seconds,
            self._model(job) if event.model and job is not None else None,
        )

    def _model(self, job: Job) -> Path | None:
        """Where the model of a job is now."""
        if self.is_remote:
            content = self._parcels.model(job.id)
            if content is None:
                return None
            atomic_write(job.model, content)
        return job.model

    def hang_up(self) -> None:
        """Asks for its end."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def end(self) -> str:
        """Ends it, with patience at first; how it ended, in words."""
        self.hang_up()
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._listener.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return f"by signal {-code}" if code < 0 else f"with code {code}"


@dataclass(frozen=True)
class Message:
    """What a worker sent; None at its end."""

    worker: WorkerProcess
    event: events.Event | None = None


def train_job(job: Job) -> commands.TrainJob:
    """The command for a job."""
    return commands.TrainJob(job=job.id, hyperparameters=job.hyperparameters, model=str(job.model), keep_from=job.keep_from)
