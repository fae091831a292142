"""What the client tells the screens. They go to every subscriber, and no further."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from engine.events import EpochEnded, Failed, Ready
from tui.runs.view import RunView

if TYPE_CHECKING:
    from engine.sweep.events import SweepFailed as SweepFailedEvent


@dataclass
class WorkerChanged(Message, bubble=False):
    """The worker is in another state: starting, loading, ready or gone."""


@dataclass
class WorkerReady(Message, bubble=False):
    """The device is open and the data set is loaded."""

    ready: Ready
    again: bool = False
    """Whether the connection had broken."""


@dataclass
class DevicesFound(Message, bubble=False):
    """The client knows all devices now."""


@dataclass
class ConnectionBroke(Message, bubble=False):
    """A worker on another machine cannot be reached any more; that is tried again, while ``WorkerChanged`` tells of each second."""

    explanation: str


@dataclass
class WorkerLost(Message, bubble=False):
    """The worker ended without being told to."""

    explanation: str
    log: Path
    tail: str
    """The end of what it wrote there."""
    interrupted: RunView | None
    """The run that it was training."""


@dataclass
class WorkerSilent(Message, bubble=False):
    """The worker has said nothing for long, and nothing was asked of it."""


@dataclass
class RunChanged(Message, bubble=False):
    """A run began, or is in another phase."""

    run: RunView


@dataclass
class OverlayChanged(Message, bubble=False):
    """Other runs are to be shown beside the run in hand."""


@dataclass
class EpochFinished(Message, bubble=False):
    """One for every epoch, in order."""

    run: RunView
    epoch: EpochEnded


@dataclass
class ModelChanged(Message, bubble=False):
    """There is a newer model file to look at."""

    path: Path
    epoch: int


@dataclass
class WorkFailed(Message, bubble=False):
    """The worker could not do what it was told; it lives on."""

    failure: Failed


@dataclass
class SweepChanged(Message, bubble=False):
    """A sweep was begun or opened, or is in another phase."""


@dataclass
class SweepLost(Message, bubble=False):
    """The sweep's process ended without being told to."""

    explanation: str
    log: Path
    tail: str
    """The end of what it wrote there."""


@dataclass
class SweepFailed(Message, bubble=False):
    """The sweep could not begin, or go on."""

    failure: SweepFailedEvent
