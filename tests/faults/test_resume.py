"""Going on to the same bits, wherever a run was left, with everything switched on that has a memory."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset import Dataset
from engine import trainer
from engine.backend import DeviceError
from engine.backends.cpu import backend as cpu
from engine.checkpoint import load_checkpoint
from engine.events import Changed, CheckpointWritten, EpochEnded, Event, Progress, Started, to_json
from engine.hyperparameters import configuration
from engine.runs import recorder
from engine.runs.metrics import read_metrics
from engine.runs.names import EVENTS_FILE
from engine.runs.summary import read_summary
from engine.training.divergence_error import DivergenceError
from tests.adapters import wgpu_backend
from tests.engine.support import DATA, resident_plan, subgroup_width
from tests.faults.scale import scaled
from tests.faults.training import Killed, Training, assert_same_end

EVERYTHING: dict[str, Any] = {
    "network.hidden": [12, 9],
    "network.activation": ["gelu", "relu"],
    "network.layer_norm": True,
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.max_norm": 3.0,
    "regularization.label_smoothing": 0.1,
    "regularization.weights.l1": 1e-5,
    "learning_rate.decay.method": "cosine",
    "learning_rate.restart.interval": 2,
    "learning_rate.restart.value": 0.005,
    "learning_rate.warmup": 0.5,
    "training.batch_size": 8,
    "training.epochs": 5,
    "training.averaging": 0.5,
    "early_stopping.patience": 4,
    "augmentation.rotation": 2,
    "augmentation.scale": 0.02,
    "augmentation.shear": 0.02,
    "augmentation.shift": 0.2,
    "augmentation.elastic_alpha": 1,
    "augmentation.elastic_sigma": 3,
}
RESIDENT: dict[str, Any] = {
    "network.hidden": [8, 8],
    "regularization.dropout.input": 0.1,
    "regularization.dropout.hidden": 0.2,
    "regularization.max_norm": 3.0,
    "learning_rate.restart.interval": 2,
    "learning_rate.restart.value": 0.005,
    "learning_rate.warmup": 1.5,
    "training.batch_size": 4,
    "training.averaging": 0.0,
    "early_stopping.patience": 4,
}
PLACES = [(1, 3), (1, 0), (2, 7), (3, 1), (4, 0)]
"""Epochs, and steps in them, after which a run is left; 0 is the epoch's end."""


@pytest.fixture(autouse=True)
def _single_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step between two looks at the control, and progress after each."""
    monkeypatch.setattr(trainer, "FIRST_CHUNK", 1)
    monkeypatch.setattr(trainer, "CHUNK_SECONDS", 0)
    monkeypatch.setattr(trainer, "PROGRESS_SECONDS", 0)


@functools.cache
def adapter_lanes() -> int | None:
    with contextlib.closing(wgpu_backend()) as backend:
        backend.load(DATA)
        return subgroup_width(backend)


@pytest.fixture(params=["1 thread", "2 threads", "layered", "resident"])
def make(request: pytest.FixtureRequest, tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Training]:
    """Makes trainings of one kind, by their names."""
    kind = request.param
    if kind.endswith(("thread", "threads")):
        monkeypatch.setattr(cpu, "_fitting_threads", lambda network, batch_size: int(kind[0]))
    dataset, changes = (DATA, RESIDENT) if kind == "resident" else (digits, EVERYTHING)

    def made(name: str) -> Training:
        training = Training(tmp_path, dataset, changes, name=name)
        if kind in ("layered", "resident"):
            training.backend = wgpu_backend
        if kind == "resident":
            lanes = adapter_lanes() or pytest.skip("the adapter has no subgroups as wide as the network of this test")
            training.plan = resident_plan(training.values, lanes)
        return training

    return made


def leave(training: Training, epoch: int, step: int) -> Callable[[Event], None]:
    def react(event: Event) -> None:
        at_end = not step and isinstance(event, EpochEnded) and event.epoch == epoch
        within = step and isinstance(event, Progress) and (event.epoch, event.step) == (epoch, step)
        if at_end or within:
            training.control.interrupt()

    return react


def ignore(event: Event) -> None:
    pass


def test_a_run_that_is_left_again_and_again_ends_as_if_it_never_had_been(make: Callable[[str], Training]) -> None:
    whole, left = make("whole"), make("left")
    assert whole.start() in ("epochs", "early_stopping")
    for number, (epoch, step) in enumerate(PLACES):
        left.react = leave(left, epoch, step)
        assert (left.go_on() if number else left.start()) == "interrupted"
        found = load_checkpoint(left.path)[0]
        assert (found.epoch, found.step) == ((epoch - 1, step) if step else (epoch, 0))
    left.react = ignore
    left.go_on()
    assert_same_end(left, whole)


@pytest.mark.parametrize("make", ["1 thread"], indirect=True)
def test_a_run_may_be_left_at_every_step(make: Callable[[str], Training]) -> None:
    whole = make("whole")
    whole.start()
    places = [(epoch, step) for epoch in range(1, 5) for step in range(15)]
    for epoch, step in places[:: scaled(11, 1)]:
        left = make(f"left at {epoch} {step}")
        left.react = leave(left, epoch, step)
        assert left.start() == "interrupted"
        left.react = ignore
        left.go_on()
        assert_same_end(left, whole)


@pytest.fixture
def slow_saving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Saving takes so long that only the first epoch and the last are saved."""
    monkeypatch.setattr(recorder.Recorder, "is_due", property(lambda self: self.kept is None))
    yield


SPARING: dict[str, Any] = EVERYTHING | {"training.epochs": 6, "early_stopping.patience": 20}


@pytest.mark.parametrize("validation", [0.1, 0.0])
def test_a_run_that_is_saved_rarely_is_gone_on_with_all_the_same(
    tmp_path: Path, digits: Dataset, slow_saving: None, validation: float
) -> None:
    changes = SPARING | {"training.validation_split": validation}
    whole = Training(tmp_path, digits, changes, name="whole")
    whole.start()
    assert [event.epoch for event in whole.all(CheckpointWritten)] == [0, 1, 6]

    killed = Training(tmp_path, digits, changes, name="killed")

    def kill(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 4:
            raise Killed

    killed.react = kill
    with pytest.raises(Killed):
        killed.start()
    assert load_checkpoint(killed.path)[0].epoch == 1
    killed.react = ignore
    killed.go_on()
    assert_same_end(killed, whole)

    ended = Training(tmp_path, digits, changes, name="ended")
    ended.react = leave(ended, 4, 5)
    assert ended.start() == "interrupted"
    found = load_checkpoint(ended.path)[0]
    assert (found.epoch, found.step) == (3, 5), "what is held is written"
    assert ended.model().epoch == read_summary(ended.path).best_epoch == best_so_far(ended)
    ended.react = ignore
    ended.go_on()
    assert_same_end(ended, whole)


@pytest.mark.parametrize("validation", [0.1, 0.0])
def test_a_stop_that_comes_as_an_epoch_has_ended_saves_it(tmp_path: Path, digits: Dataset, slow_saving: None, validation: float) -> None:
    changes = SPARING | {"training.validation_split": validation}
    whole, stopped = Training(tmp_path, digits, changes, name="whole"), Training(tmp_path, digits, changes, name="stopped")
    whole.start()

    def stop(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 3:
            stopped.control.stop()

    stopped.react = stop
    assert stopped.start() == "stopped"
    assert load_checkpoint(stopped.path)[0].epoch == 3
    assert stopped.model().epoch == best_so_far(stopped)
    stopped.react = ignore
    stopped.go_on()
    assert_same_end(stopped, whole)


def best_so_far(training: Training) -> int:
    return training.all(EpochEnded)[-1].best_epoch


def diverge(training: Training) -> None:
    training.control.change("learning_rate.initial", 1e30)


def lose_the_device(training: Training) -> None:
    raise DeviceError("The device is lost.", "Train on the CPU.")


@pytest.mark.parametrize("validation", [0.1, 0.0])
@pytest.mark.parametrize(
    ("end", "error"),
    [(lambda training: training.control.abort(), None), (diverge, DivergenceError), (lose_the_device, DeviceError)],
    ids=["abort", "divergence", "device"],
)
def test_however_a_run_ends_the_model_that_it_held_is_kept(
    tmp_path: Path, digits: Dataset, slow_saving: None, end: Callable[[Training], None], error: type[Exception] | None, validation: float
) -> None:
    training = Training(tmp_path, digits, SPARING | {"training.validation_split": validation})

    def react(event: Event) -> None:
        if isinstance(event, Progress) and (event.epoch, event.step) == (5, 5):
            end(training)

    training.react = react
    if error is None:
        assert training.start() == "stopped"
    else:
        with np.errstate(all="ignore"), pytest.raises(error):
            training.start()
    checkpoint = load_checkpoint(training.path)[0]
    assert (checkpoint.epoch, checkpoint.step) == ((1, 0) if error else (4, 5)), "where the device is well, nothing is lost"
    assert training.model().epoch == best_so_far(training) > 1


@pytest.mark.parametrize(
    ("place", "earlier"), [((2, 3), (1, 2)), ((6, 3), (2, 4)), ((7, 2), (6, 1))], ids=["first member", "second", "both in it"]
)
@pytest.mark.parametrize("method", ["exponential", "cosine"])
def test_the_learning_rates_of_an_epoch_are_known_though_they_changed_and_it_was_left(
    tmp_path: Path, digits: Dataset, method: str, place: tuple[int, int], earlier: tuple[int, int]
) -> None:
    """Its mean is that of all its steps, those before the change and those before the interruption too."""
    changes = EVERYTHING | {"ensemble.members": 2, "learning_rate.decay.method": method, "learning_rate.warmup": 1.5}
    whole, left = (Training(tmp_path, digits, changes, name=name) for name in ("whole", "left"))
    epoch, step = place

    def react_in(training: Training, leaves: bool) -> Callable[[Event], None]:
        def react(event: Event) -> None:
            if isinstance(event, Started | Changed):
                with (training.path / EVENTS_FILE).open("a") as file:
                    file.write(to_json(event) + "\n")
            for moment, value in ((earlier, 0.05), (place, 0.001)):
                if isinstance(event, Progress) and (event.epoch, event.step) == moment:
                    training.control.change("learning_rate.initial", value)
            if leaves and isinstance(event, Progress) and (event.epoch, event.step) == (epoch, step + 4):
                training.control.interrupt()

        return react

    whole.react, left.react = react_in(whole, leaves=False), react_in(left, leaves=True)
    assert whole.start() == "epochs" and left.start() == "interrupted"
    assert [(change.epoch, change.step) for change in left.all(Changed)] == [earlier, place]
    left.react = react_in(left, leaves=False)
    assert left.go_on() == "epochs"
    rates = [[row.learning_rate for row in read_metrics(training.path)] for training in (whole, left)]
    assert rates[0] == rates[1]
    assert_same_end(left, whole)


def test_augmentation_may_change_on_the_way(make: Callable[[str], Training]) -> None:
    """Changed before its first step, and left soon after, a run is to the bit the one that began with it; also where another plan is
    needed for it."""
    distortions = {
        "augmentation.shift": 1.5,
        "augmentation.rotation": 8.0,
        "augmentation.elastic_alpha": 5.0,
        "augmentation.elastic_sigma": 2.0,
    }
    begun, changed = make("begun"), make("changed")
    changed.values = configuration.replace(changed.values, {"training.epochs": 2})
    begun.values = configuration.replace(changed.values, distortions)
    begun.plan = None
    begun.start()
    for key, value in distortions.items():
        changed.control.change(key, value)
    changed.react = leave(changed, 1, 3)
    assert changed.start() == "interrupted"
    changed.react = ignore
    changed.go_on()
    assert_same_end(changed, begun)
