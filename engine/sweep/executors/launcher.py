"""Starts the worker processes of a sweep, here or, by a command, on another machine."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataset import registry
from engine import commands, events
from engine.model import DatasetFacts
from engine.process import WORKER, WORKER_ADVICE, start_problem
from engine.sweep.error import SweepError
from engine.sweep.executors.worker_process import WorkerProcess

MOST_FALSE_STARTS = 2
"""Workers in a row that end before they are ready, after which an executor gives up."""


@dataclass
class Launcher:
    """``log`` takes what workers write to stderr; ``command`` starts one, if it is not to be one of this installation."""

    inbox: Callable[[Any], None]
    facts: DatasetFacts
    log: Path
    command: list[str] | None = None
    _witness: Path | None = None
    _false_starts: int = 0

    def launch(self, name: str, device: str, *, one_thread: bool) -> WorkerProcess:
        """A worker that opens a device and loads the data set. Raises SweepError."""
        command = self.command or WORKER
        try:
            worker = WorkerProcess(name, command, self.log, self.inbox, one_thread=one_thread)
        except OSError as error:
            raise SweepError(f"the worker cannot be started: {start_problem(error, command)}", WORKER_ADVICE) from None
        worker.send(commands.Configure(device=device, dataset=self._dataset, witness=self._witness_path()))
        return worker

    @property
    def _dataset(self) -> str:
        facts = self.facts
        return facts.name if facts.name in registry.REGISTERED else facts.path or facts.name

    def _witness_path(self) -> str | None:
        """A file that no other machine can have, so that a worker there knows that it does not see the files here."""
        if self.command is None:
            return None
        if self._witness is None:
            self._witness = self.log.with_name(f".witness-{secrets.token_hex(16)}")
            self._witness.touch(exist_ok=False)
        return str(self._witness)

    def ready(self, worker: WorkerProcess, ready: events.Ready) -> None:
        """Takes note that a worker is ready. Raises SweepError where its data is not that of the sweep."""
        if ready.dataset["fingerprint"] != self.facts.fingerprint:
            raise SweepError(
                f"the worker's data set {ready.dataset['name']} is another than the one here", "Give both machines the same files.", "data"
            )
        worker.is_ready, worker.is_remote = True, ready.is_remote
        self._false_starts = 0

    def gone(self, worker: WorkerProcess) -> str:
        """How a worker ended that was not told to. Raises SweepError where there is no use in starting another."""
        how = f"the worker ended unexpectedly {worker.end()}"
        if not worker.is_ready:
            self._false_starts += 1
            if self._false_starts >= MOST_FALSE_STARTS:
                raise SweepError(how + self._last_words(), f"Its log is {self.log}.", "internal")
        return how

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ""

    def close(self) -> None:
        if self._witness is not None:
            self._witness.unlink(missing_ok=True)
