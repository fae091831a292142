"""A training in this process, with everything that a checkpoint has to know switched on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from dataset import Dataset
from engine.backend import Backend
from engine.backends.cpu.backend import CpuBackend
from engine.checkpoint import load_checkpoint
from engine.events import EpochEnded, Event, Finished
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts, Model
from engine.model_file import load_model
from engine.runs.metrics import read_metrics
from engine.runs.run import Run
from engine.trainer import Outcome, Trainer
from engine.training.control import Control

Kind = TypeVar("Kind", bound=Event)
EVERYTHING = {
    "network.hidden": [12],
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.weights.l2": 1e-5,
    "learning_rate.initial": 0.01,
    "learning_rate.decay.method": "exponential",
    "learning_rate.restart.interval": 3,
    "learning_rate.restart.value": 0.005,
    "training.batch_size": 32,
    "training.epochs": 5,
    "training.averaging": 0.9,
    "early_stopping.patience": 20,
}


class Killed(BaseException):
    """Ends a training as a kill would: nothing is written after it."""


class Training:
    """One training, its events, and reactions to them."""

    def __init__(self, root: Path, dataset: Dataset, changes: dict[str, Any] | None = None, name: str = "run") -> None:
        self.values = configuration.replace(Hyperparameters(), EVERYTHING | (changes or {}))
        self.dataset = dataset
        self.root, self.name = root, name
        self.facts = DatasetFacts.of(dataset)
        self.backend: Callable[[], Backend] = CpuBackend
        self.plan: dict[str, Any] | None = None
        self.path = root / name
        self.control = Control()
        self.events: list[Event] = []
        self.react: Callable[[Event], None] = lambda event: None

    def start(self) -> Outcome:
        return self._train(Run.create(self.root, self.values, name=self.name))

    def go_on(self) -> Outcome:
        self.control = Control()
        return self._train(Run.open(self.path, wait=0), resume=True)

    def _train(self, run: Run, resume: bool = False) -> Outcome:
        backend = self.backend()
        backend.load(self.dataset)
        checkpoint = load_checkpoint(run.path)[0] if resume else None

        def emit(event: Event) -> None:
            self.events.append(event)
            self.react(event)

        try:
            return Trainer(self.values, self.dataset, backend, run, self.control, emit, checkpoint, self.plan).train()
        finally:
            run.close()

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    def model(self) -> Model:
        return load_model(self.path)

    def after_epoch(self, number: int, do: Callable[[], None]) -> None:
        """Does something once, when an epoch has ended."""

        def react(event: Event) -> None:
            if isinstance(event, EpochEnded) and event.epoch == number:
                do()

        self.react = react


def assert_same_end(resumed: Training, whole: Training) -> None:
    """To the bit: parameters, moments, average, schedule, validation figures, the kept model and what it makes of the test digits."""
    first, second = (load_checkpoint(item.path)[0] for item in (resumed, whole))
    for name, buffer in vars(second.state).items():
        found = getattr(first.state, name)
        assert (found is None) == (buffer is None), name
        assert buffer is None or found.tobytes() == buffer.tobytes(), name
    assert (first.epoch, first.step, first.rate, first.validation) == (second.epoch, second.step, second.rate, second.validation)
    assert resumed.model().parameters.tobytes() == whole.model().parameters.tobytes()
    ends = [item.all(Finished)[-1] for item in (resumed, whole)]
    assert len({(end.reason, end.epochs, end.best_epoch, end.test_accuracy, end.test_loss) for end in ends}) == 1
    for own, other in zip(read_metrics(resumed.path), read_metrics(whole.path), strict=True):
        assert (own.epoch, own.learning_rate, own.validation_loss, own.best_epoch) == (
            other.epoch, other.learning_rate, other.validation_loss, other.best_epoch,
        )  # fmt: skip
        assert own.train_loss == pytest.approx(other.train_loss, rel=1e-6)
