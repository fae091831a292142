"""Numbers that leave the finite or make no sense: found at the next look, told, and never written over what is good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset import Dataset, Split
from engine import trainer
from engine.backend import Backend, TrainingState
from engine.backends.cpu.backend import CpuBackend
from engine.checkpoint import load_checkpoint
from engine.events import EpochEnded, Event, Hint, Progress
from engine.failures import failure
from engine.hints.adviser import Adviser
from engine.training.divergence_error import DivergenceError
from tests.adapters import wgpu_backend
from tests.faults.training import Training


@pytest.fixture(params=["cpu", "wgpu"])
def backend(request: pytest.FixtureRequest) -> Callable[[], Backend]:
    return CpuBackend if request.param == "cpu" else wgpu_backend


def advised(training: Training) -> list[Hint]:
    """The hints that a run is given, as they come."""
    adviser, found = Adviser(training.values, training.dataset), []  # type: ignore[var-annotated]

    def react(event: Event) -> None:
        found.extend(item for item in adviser.with_hints(event) if isinstance(item, Hint) and item is not event)

    training.react = react
    return found


PARTS = ["parameters", "first_moment", "second_moment", "average"]


@pytest.mark.parametrize(("poison", "validation"), [(np.nan, 0.1), (np.inf, 0.0)])
@pytest.mark.parametrize("part", PARTS)
def test_a_poisoned_state_is_found_and_the_last_good_one_kept(
    tmp_path: Path,
    digits: Dataset,
    backend: Callable[[], Backend],
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    poison: float,
    validation: float,
) -> None:
    monkeypatch.setattr(trainer, "FIRST_CHUNK", 3)
    monkeypatch.setattr(trainer, "CHUNK_SECONDS", 0)
    monkeypatch.setattr(trainer, "PROGRESS_SECONDS", 0)
    training = Training(tmp_path, digits, {"training.validation_split": validation})
    opened: list[Backend] = []
    training.backend = lambda: opened.append(backend()) or opened[0]

    def poisoned(event: Event) -> None:
        if isinstance(event, Progress) and (event.epoch, event.step) == (3, 5):
            state: TrainingState = opened[0].state()
            getattr(state, part)[: len(state.parameters) // 2] = poison
            opened[0].set_state(state)

    training.react = poisoned
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match=r"epoch 3") as caught:
        training.start()
    reports = [event for event in training.all(Progress) if (event.epoch, event.step) > (3, 5)]
    assert part in ("second_moment", "average") or len(reports) <= 1, "the next report, or the one after it"
    checkpoint, note = load_checkpoint(training.path)
    assert (checkpoint.epoch, note) == (2, "")
    assert training.model().epoch <= 2
    told = failure(caught.value)
    assert told.kind == "divergence"
    assert "is kept. Try a lower learning rate than learning_rate.initial = 0.01." in told.advice


@pytest.mark.parametrize("rate", [1e6, 1e30])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_a_learning_rate_of_a_million_is_told(
    tmp_path: Path, digits: Dataset, backend: Callable[[], Backend], optimizer: str, rate: float
) -> None:
    """In the first epoch: the run ends, or, where its loss is still a number, a hint says how bad it is and what would help."""
    training = Training(tmp_path, digits, {"learning_rate.initial": rate, "optimizer.name": optimizer, "training.epochs": 1})
    training.backend = backend
    hints = advised(training)
    try:
        with np.errstate(all="ignore"):
            training.start()
    except DivergenceError as error:
        assert "epoch 1" in error.message and "lower learning rate" in error.advice
        assert load_checkpoint(training.path)[0].epoch == 0
    else:
        [hint] = [hint for hint in hints if hint.kind == "learning_rate"]
        assert "far worse than that of guessing" in hint.message
        assert hint.changes["learning_rate.initial"] < rate


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("changes", [{}, {"network.layer_norm": True}, {"network.loss": "squared_error"}], ids=["plain", "norm", "squared"])
def test_images_that_are_all_the_same_are_told_and_trained_on(
    tmp_path: Path, digits: Dataset, backend: Callable[[], Backend], level: int, changes: dict[str, Any]
) -> None:
    same = [Split(np.full_like(split.images, level), split.labels) for split in (digits.train, digits.test)]
    training = Training(tmp_path, replace(digits, train=same[0], test=same[1]), {"training.epochs": 2} | changes)
    training.backend = backend
    hints = advised(training)
    assert training.start() == "epochs"
    assert [hint.message for hint in hints if hint.kind == "data"] == [
        f"all training images of {digits.name} are the same: there is nothing to learn from them"
    ]
    assert all(np.isfinite(epoch.train_loss or 0) for epoch in training.all(EpochEnded))


def test_digits_that_differ_are_not_called_the_same(tmp_path: Path, digits: Dataset) -> None:
    training = Training(tmp_path, digits, {"training.epochs": 1})
    hints = advised(training)
    training.start()
    assert not [hint for hint in hints if hint.kind in ("data", "learning_rate")]
