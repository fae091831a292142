"""What trains the trials of a sweep, seen from the coordinator.

An executor tells by putting messages into the coordinator's inbox, from any thread; the coordinator hands each back to ``receive``, so
that an executor's state changes in one thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

MOST_LOSSES = 2
"""Workers that may die of one trial before it is given up."""


@dataclass(frozen=True)
class Job:
    """One training. ``id`` is new each time, so that a report of an earlier attempt is not taken for one of a later."""

    id: int
    trial: int
    hyperparameters: dict[str, Any]
    model: Path
    """Where to put the model."""
    keep_from: float
    """The validation accuracy below which the model is not worth keeping."""


@dataclass(frozen=True)
class WorkerReady:
    worker: str
    device: dict[str, Any]
    """As ``Device.plain()``."""


@dataclass(frozen=True)
class WorkerLost:
    worker: str
    message: str


@dataclass(frozen=True)
class Began:
    """A worker has taken up a job; again, where it has been lost and taken up elsewhere."""

    job: int
    worker: str
    attempt: int = 1
    """Of this executor."""


@dataclass(frozen=True)
class Epoch:
    job: int
    metrics: dict[str, Any]
    """As ``JobEpoch.metrics``."""


@dataclass(frozen=True)
class Ended:
    """As ``JobEnded``."""

    job: int
    reason: str
    epochs: int
    best_epoch: int
    validation_accuracy: float | None
    validation_loss: float | None
    seconds: float
    model: Path | None


@dataclass(frozen=True)
class Failed:
    """As ``JobFailed``."""

    job: int
    kind: str
    message: str


@dataclass(frozen=True)
class Lost:
    """The job's worker died. ``is_final``: the executor has tried again already."""

    job: int
    message: str
    is_final: bool = False


Report = WorkerReady | WorkerLost | Began | Epoch | Ended | Failed | Lost


class Executor(Protocol):
    """Trains jobs somewhere. One that trains many at once, such as networks of one shape in a dispatch, says so by ``free``."""

    def start(self) -> None:
        """Begins to look for workers. Raises SweepError."""
        ...

    @property
    def free(self) -> int:
        """How many jobs it would take now; 0 while no worker is ready."""
        ...

    def submit(self, jobs: Sequence[Job]) -> list[Report]:
        """Begins to train at most ``free`` jobs; ``Began`` of those that a worker has already."""
        ...

    def receive(self, message: Any) -> list[Report]:
        """What a message from the inbox means. Raises SweepError where there is no way to go on."""
        ...

    def stop(self, job: int) -> None:
        """Asks for the end of a job, whose ``Ended`` may then come or not."""
        ...

    def pause(self) -> None:
        """Holds all jobs, where it can."""
        ...

    def resume(self) -> None: ...

    def close(self) -> None:
        """Ends everything at once."""
        ...
