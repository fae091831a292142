"""A run as TensorBoard event files: written while it trains, or afterwards."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

from engine.events import EpochEnded, Event, Finished, Started
from engine.export import Source, library
from engine.export.tables import to_toml
from engine.hyperparameters import configuration

PURPOSE = "TensorBoard export"
SCALARS = {
    "loss/train": "train_loss",
    "loss/validation": "validation_loss",
    "accuracy/train": "train_accuracy",
    "accuracy/validation": "validation_accuracy",
    "learning_rate": "learning_rate",
    "samples_per_second": "samples_per_second",
}
"""What TensorBoard calls each field of EpochEnded; the step is the epoch."""
PATTERN = "events.out.tfevents.*"


class EventFile:
    """A new event file in ``directory``, which is made if need be. Raises ExportError without the package tensorboardX, and OSError."""

    def __init__(self, directory: Path) -> None:
        self._writer: Any = library("tensorboardX", PURPOSE).SummaryWriter(str(directory), flush_secs=1)

    def describe(self, hyperparameters: str) -> None:
        """In TOML."""
        text = hyperparameters.replace("\n", "\n    ")
        self._writer.add_text("hyperparameters", f"    {text}", 0)

    def epoch(self, event: EpochEnded) -> None:
        for tag, field in SCALARS.items():
            value = getattr(event, field)
            if value is not None:
                self._writer.add_scalar(tag, value, event.epoch)
        self._writer.flush()

    def test(self, accuracy: float | None, loss: float | None, epoch: int) -> None:
        """Figures over the test digits, of the model of ``epoch``."""
        for tag, value in (("accuracy/test", accuracy), ("loss/test", loss)):
            if value is not None:
                self._writer.add_scalar(tag, value, epoch)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class Recording:
    """Writes a training's events into an event file as they come, in a directory of the run's name under ``root``.

    Raises ExportError without the package tensorboardX, and OSError.
    """

    def __init__(self, root: Path) -> None:
        library("tensorboardX", PURPOSE)
        self._root = root
        self._file: EventFile | None = None

    def record(self, event: Event) -> None:
        match event:
            case Started():
                self._file = EventFile(self._root / Path(event.run).name)
                self._file.describe(configuration.to_toml(configuration.from_plain(event.hyperparameters)))
            case EpochEnded() if self._file:
                self._file.epoch(event)
            case Finished() if self._file:
                self._file.test(event.test_accuracy, event.test_loss, event.best_epoch)

    def close(self) -> None:
        if self._file:
            self._file.close()


def has_events(directory: Path) -> bool:
    return any(directory.glob(PATTERN))


def write_events(source: Source, directory: Path) -> None:
    """Writes all that is known of a run into an event file in ``directory``, in the place of those that are there. Raises ExportError
    and OSError.
    """
    library("tensorboardX", PURPOSE)
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}.tmp")
    try:
        file = EventFile(temporary)
        file.describe(to_toml(source).decode())
        for event in source.epochs:
            file.epoch(event)
        file.test(source.model.test_accuracy, source.model.test_loss, source.model.epoch)
        file.close()
        directory.mkdir(exist_ok=True)
        for old in directory.glob(PATTERN):
            old.unlink()
        for new in temporary.glob(PATTERN):
            new.replace(directory / new.name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
