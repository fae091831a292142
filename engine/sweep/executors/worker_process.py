"""A worker process of a sweep, and what it says, as messages in an inbox."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import commands, events
from engine.commands import Command
from engine.sweep.executor import Ended, Epoch, Failed, Job

COMMAND = [sys.executable, "-P", "-m", "engine.worker"]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PATIENCE = 2.0
"""Seconds that a worker may take to end."""
MOST_FALSE_STARTS = 2
"""Workers in a row that end before they are ready, after which an executor gives up."""


class WorkerProcess:
    """Runs from its making to ``end``. ``log`` takes what it writes to stderr."""

    def __init__(self, name: str, log: Path, inbox: Callable[[Any], None], one_thread: bool) -> None:
        self.name = name
        self.is_ready = False
        self.job: Job | None = None
        self._inbox = inbox
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | (ONE_THREAD if one_thread else {})
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True, env=environment
            )
        self._listener = threading.Thread(target=self._listen, name=f"worker {name}", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(events.ProtocolError):
                self._inbox(Message(self, events.from_json(line)))
        self._inbox(Message(self))

    def send(self, command: Command) -> None:
        """A worker that is gone is found out by the end of its events."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(commands.to_json(command).encode() + b"\n")
            self._process.stdin.flush()

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


def report(event: events.Event | None) -> Epoch | Ended | Failed | None:
    """What an event of a job is to the coordinator; None for any other."""
    match event:
        case events.JobEpoch():
            return Epoch(event.job, event.metrics)
        case events.JobEnded():
            return Ended(
                event.job,
                event.reason,
                event.epochs,
                event.best_epoch,
                event.validation_accuracy,
                event.validation_loss,
                event.seconds,
                Path(event.model) if event.model else None,
            )
        case events.JobFailed():
            return Failed(event.job, event.kind, event.message)
    return None
