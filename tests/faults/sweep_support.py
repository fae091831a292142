"""Sweeps of tiny networks, as tests lead them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.events import Event
from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import replace
from engine.hyperparameters.definitions import Hyperparameters
from engine.sweep.coordinator import Coordinator
from engine.sweep.events import SweepFinished
from engine.sweep.request import Request

TINY = {"network.hidden": [4], "training.epochs": 3, "training.batch_size": 16, "early_stopping.mode": "off"}


def request(root: Path, digits: Path, **changes: Any) -> Request:
    """A sweep ``tiny`` of six trials; changes with dots in their names are hyperparameters."""
    base = TINY | {key: changes.pop(key) for key in list(changes) if "." in key}
    values: dict[str, Any] = {
        "name": "tiny",
        "runs_directory": str(root),
        "dataset": str(digits),
        "device": "cpu",
        "jobs": 1,
        "trials": 6,
        "vary": ["learning_rate.initial", "network.activation=relu|tanh"],
        "sampler": "random",
        "pruner": "off",
        "hyperparameters": configuration.plain(replace(Hyperparameters(), base)),
        "top": 1,
        "seeds": 0,
    }
    return Request(**values | changes)


def run(asked: Request) -> tuple[SweepFinished, list[Event]]:
    """A whole sweep in this process: its end, and all its events."""
    events: list[Event] = []
    return Coordinator(asked, events.append).run(), events


class Process:
    """``python -P -m engine.sweep``."""

    def __init__(self, asked: Request, arguments: Sequence[str] = ("-P", "-m", "engine.sweep")) -> None:
        self.process = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.write(json.dumps(asdict(asked)))

    def write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def command(self, name: str) -> None:
        self.write(json.dumps({"command": name}))

    def next(self) -> dict[str, Any] | None:
        """The next event, None at the end."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def until(self, *names: str) -> dict[str, Any]:
        while (event := self.next()) is not None:
            if event["event"] in names:
                return event
        raise AssertionError(f"ended before {names}: {self.end()}")

    def end(self) -> tuple[int, str]:
        """Waits for the end: exit code and log."""
        _, log = self.process.communicate(timeout=30)
        return self.process.returncode, log.decode()

    def kill(self) -> None:
        self.process.kill()
        self.end()
