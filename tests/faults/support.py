"""A worker process, as a test leads it."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from typing import Any, Self

import pytest

from engine import commands, events
from engine.commands import Command, Configure
from engine.events import Event, Failed
from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import replace
from engine.hyperparameters.definitions import Hyperparameters

PATIENCE = 30
"""Seconds after which a test that waits has failed."""
WORKER = ["-P", "-m", "engine"]
EAGER_WORKER = [
    "-P",
    "-c",
    "from engine import __main__; from engine.runs import recorder; recorder.TRAINING_TO_SAVING = 0; __main__.main()",
]
"""Saves every epoch, however short."""
SMALL = {
    "network.hidden": [12],
    "training.batch_size": 8,
    "training.epochs": 3,
    "early_stopping.mode": "off",
    "learning_rate.decay.method": "none",
}


def small(**changes: Any) -> dict[str, Any]:
    """A small network's hyperparameters; double underscores stand for dots."""
    return configuration.plain(replace(Hyperparameters(), SMALL | {key.replace("__", "."): value for key, value in changes.items()}))


ENDLESS = small(training__epochs=100_000)


class Worker:
    """A worker process and the events that it has sent."""

    def __init__(self, arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self.events: list[Event] = []
        self._arrived: queue.Queue[bytes] = queue.Queue()
        self._log: list[bytes] = []
        self._readers = [threading.Thread(target=self._read_events), threading.Thread(target=self._read_log)]
        for reader in self._readers:
            reader.start()

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._arrived.put(line)
        self._arrived.put(b"")

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self._log.extend(self.process.stderr)

    def send(self, *lines: Command | str) -> None:
        assert self.process.stdin is not None
        for line in lines:
            self.process.stdin.write((line if isinstance(line, str) else commands.to_json(line)).encode() + b"\n")

    def next(self) -> Event | None:
        """The next event, None at the end."""
        line = self._arrived.get(timeout=PATIENCE)
        if not line:
            return None
        event = events.from_json(line)
        self.events.append(event)
        assert event.seq == len(self.events)
        return event

    def until(self, *names: str) -> Any:
        """Reads on to an event of one of these names."""
        while (event := self.next()) is not None:
            if event.name in names:
                return event
        self._readers[1].join(PATIENCE)
        pytest.fail(f"the worker ended with {self.process.wait(PATIENCE)} before {names}; its log: {self.log}")

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    @property
    def log(self) -> str:
        return b"".join(self._log).decode()

    def end(self) -> int:
        """Reads to the end; the exit code."""
        while self.next() is not None:
            pass
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def started(configure: Configure, arguments: list[str] | None = None) -> Worker:
    worker = Worker(arguments or WORKER)
    worker.send(configure)
    assert worker.until("ready", "failed").name == "ready"
    return worker


def failed(worker: Worker, kind: str) -> Failed:
    event = worker.until("failed", "finished", "stopped")
    assert isinstance(event, Failed) and event.kind == kind, event
    assert event.message and event.advice
    return event
