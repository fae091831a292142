"""A whole run on the CPU: events, files, and what the control can do to it."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset import Dataset
from engine import inference, trainer
from engine.backends.cpu import backend as cpu
from engine.backends.cpu.backend import CpuBackend
from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.evaluation import evaluate
from engine.events import (
    Changed,
    CheckpointWritten,
    EpochEnded,
    Evaluated,
    Event,
    Finished,
    Hint,
    Paused,
    Progress,
    Resumed,
    Snapshot,
    Started,
    Stopped,
)  # fmt: skip
from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError
from engine.model_file import load_model
from engine.runs.history import read_hyperparameters
from engine.runs.metrics import read_metrics
from engine.runs.names import SUMMARY_FILE
from engine.runs.summary import read_summary
from engine.storage import files
from engine.storage.tensor_file import ModelFileError
from engine.training.control import Control
from engine.training.divergence_error import DivergenceError
from tests.faults.training import Killed, Training, assert_same_end

STEPS = 15
"""An epoch of 450 of the 500 digits."""


@pytest.fixture
def training(tmp_path: Path, digits: Dataset) -> Training:
    return Training(tmp_path, digits)


def test_a_run_that_early_stopping_ends_says_why(training: Training) -> None:
    training.values = configuration.replace(training.values, {"early_stopping.patience": 1, "early_stopping.threshold": 0.9})
    assert training.start() == "early_stopping"
    [finished], [first, *_] = training.all(Finished), training.all(EpochEnded)
    assert finished.explanation == read_summary(training.path).explanation
    why = f"did not rise by 90 points above {first.validation_accuracy:.2%} in the epoch after epoch 1"
    assert finished.explanation == f"validation accuracy {why}"


def test_a_run_tells_and_keeps_everything(training: Training) -> None:
    assert training.start() == "epochs"
    assert isinstance(training.events[0], Started)
    assert isinstance(training.events[-1], Finished)
    started, finished, epochs = training.events[0], training.events[-1], training.all(EpochEnded)
    assert (started.steps, started.epochs, started.first_epoch, started.parameters) == (STEPS, 5, 1, 144 * 12 + 12 + 12 * 10 + 10)
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3, 4, 5]
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx([0.01, 0.009, 0.00729, 0.005, 0.0045])
    assert (finished.reason, finished.epochs, finished.run) == ("epochs", 5, str(training.path))
    summary = read_summary(training.path)
    assert (summary.test_digits, summary.validation_digits) == (len(training.dataset.test), round(0.1 * len(training.dataset.train)))
    assert finished.explanation == "", "early stopping did not end it"
    assert finished.test_accuracy is not None and finished.test_accuracy > 0.9
    assert [event.epoch for event in training.all(CheckpointWritten)] == [0, 1, 2, 3, 4, 5]
    assert [event.epoch for event in training.all(Snapshot)] == [1, 2, 3, 4, 5]

    best = max(epochs, key=lambda epoch: (epoch.validation_accuracy or 0, -(epoch.validation_loss or 0)))
    model = training.model()
    assert model.epoch == finished.best_epoch == best.epoch
    assert (model.validation_accuracy, model.test_accuracy) == (best.validation_accuracy, finished.test_accuracy)
    outputs = inference.outputs(model.network, model.parameters, training.dataset.test.images)
    [evaluated] = training.all(Evaluated)
    assert evaluated.evaluation == evaluate(outputs, training.dataset.test.labels, model.network.loss).plain()

    assert read_metrics(training.path) == [replace(epoch, phases={}) for epoch in epochs]
    summary = read_summary(training.path)
    assert (summary.state, summary.epochs, summary.best_epoch, summary.test_accuracy) == ("finished", 5, best.epoch, finished.test_accuracy)
    assert summary.plan == started.plan


def test_the_validation_part_is_the_last_of_the_training_digits(training: Training) -> None:
    training.start()
    model, train = training.model(), training.dataset.train
    outputs = inference.outputs(model.network, model.parameters, train.images[450:])
    assert model.validation_accuracy == evaluate(outputs, train.labels[450:], model.network.loss).accuracy


def test_chunks_do_not_touch_the_numbers(tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for size in (1, 4, 1000):
        monkeypatch.setattr(trainer, "FIRST_CHUNK", size)
        training = Training(tmp_path, digits, {"training.epochs": 2}, name=f"chunks of {size}")
        training.start()
        found.append(load_checkpoint(training.path)[0].state.parameters.tobytes())
    assert len(set(found)) == 1


@pytest.mark.parametrize("moment", [EpochEnded, CheckpointWritten, Snapshot, Evaluated])
def test_a_killed_run_goes_on_as_if_nothing_had_been(tmp_path: Path, digits: Dataset, moment: type[Event]) -> None:
    whole, killed = Training(tmp_path, digits, name="whole"), Training(tmp_path, digits, name="killed")
    whole.start()

    def kill(event: Event) -> None:
        if isinstance(event, moment) and getattr(event, "epoch", 5) in (3, 5):
            raise Killed

    killed.react = kill
    with pytest.raises(Killed):
        killed.start()
    assert read_summary(killed.path).state == "interrupted"
    killed.react = lambda event: None
    assert killed.go_on() == "epochs"
    assert_same_end(killed, whole)


def test_a_run_goes_on_with_the_threads_that_it_began_with(tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    for name, threads in (("mine", 1), ("mine", 2), ("another", 2)):
        monkeypatch.setattr(cpu, "_fitting_threads", lambda network, batch_size, threads=threads: threads)
        training = Training(tmp_path, digits, name=name)
        training.react = lambda event, control=training.control: _interrupt_after(event, control, 2)
        training.go_on() if training.path.exists() else training.start()
        plans.append((training.all(Started)[0].plan["threads"], read_summary(training.path).plan["threads"], training.all(Hint)))
    assert plans == [(1, 1, []), (1, 1, []), (2, 2, [])]


@pytest.mark.parametrize("change", [{"step": STEPS + 1}, {"epoch": 6, "validation": ((0.5, 0.5),) * 6}])
def test_a_checkpoint_beyond_the_end_of_its_run_is_refused(training: Training, change: dict[str, Any]) -> None:
    training.react = lambda event: _interrupt_after(event, training.control, 2)
    training.start()
    save_checkpoint(training.path, replace(load_checkpoint(training.path)[0], **change))
    with pytest.raises(ModelFileError, match="beyond the end"):
        training.go_on()


@pytest.mark.parametrize("change", [{"name": "Another CPU"}, {"driver": "NumPy 1.0"}])
def test_a_change_of_device_or_driver_is_told(training: Training, change: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    training.react = lambda event: _interrupt_after(event, training.control, 2)
    training.start()
    other = replace(cpu.cpu_device(), **change)
    monkeypatch.setattr(cpu, "cpu_device", lambda: other)
    training.react = lambda event: None
    assert training.go_on() == "epochs"
    [hint] = training.all(Hint)
    [value] = change.values()
    assert value in hint.message
    assert load_checkpoint(training.path)[0].device == other


def test_stop_finishes_the_epoch_and_a_stopped_run_can_go_on(tmp_path: Path, digits: Dataset, small_chunks: None) -> None:
    whole, stopped = Training(tmp_path, digits, name="whole"), Training(tmp_path, digits, name="stopped")
    whole.start()

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.epoch == 2:
            stopped.control.stop()

    stopped.react = stop
    assert stopped.start() == "stopped"
    assert [type(event) for event in stopped.events[-3:]] == [Evaluated, Stopped, Finished]
    assert stopped.all(Finished)[0].epochs == 2
    assert read_summary(stopped.path).state == "stopped"
    stopped.react = lambda event: None
    assert stopped.go_on() == "epochs"
    assert_same_end(stopped, whole)


def test_abort_ends_at_once_and_keeps_the_finished_epochs(training: Training, small_chunks: None) -> None:
    def abort(event: Event) -> None:
        if isinstance(event, Progress) and (event.epoch, event.step) == (2, 4):
            training.control.abort()

    training.react = abort
    assert training.start() == "stopped"
    finished = training.all(Finished)[0]
    assert (finished.reason, finished.epochs, finished.best_epoch) == ("stopped", 1, 1)
    assert finished.test_accuracy is not None
    assert load_checkpoint(training.path)[0].epoch == 1


def test_abort_before_the_first_epoch_leaves_no_model(training: Training) -> None:
    training.control.abort()
    assert training.start() == "stopped"
    assert training.all(Evaluated) == []
    assert training.all(Finished)[0].test_accuracy is None
    assert not (training.path / "model.safetensors").exists()


def test_pause_waits_until_it_is_resumed(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            training.control.resume()

    monkeypatch.setattr(training.control, "wait", wait)
    training.after_epoch(1, training.control.pause)
    assert training.start() == "epochs"
    assert len(waits) == 3
    assert training.all(Paused) == [Paused(epoch=2, step=0)]
    assert training.all(Resumed) == [Resumed(epoch=2, step=0)]


@pytest.mark.parametrize("end", ["stop", "abort"])
def test_a_paused_run_can_be_ended(training: Training, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    training.after_epoch(1, training.control.pause)
    monkeypatch.setattr(training.control, "wait", lambda seconds: getattr(training.control, end)())
    assert training.start() == "stopped"
    assert training.all(Finished)[0].epochs == (2 if end == "stop" else 1)


def test_a_live_hyperparameter_changes_the_steps_that_are_left(training: Training, small_chunks: None) -> None:
    def change(event: Event) -> None:
        if isinstance(event, Progress) and (event.epoch, event.step) == (2, 6 + 3):
            training.control.change("learning_rate.initial", 0.001)
            training.control.change("regularization.dropout.hidden", 0.5)

    # One step a chunk from the second on, since no chunk takes no time.
    training.react = change
    training.start()
    assert training.all(Changed) == [
        Changed(key="learning_rate.initial", value=0.001, epoch=2, step=9),
        Changed(key="regularization.dropout.hidden", value=0.5, epoch=2, step=9),
    ]
    rates = [epoch.learning_rate for epoch in training.all(EpochEnded)]
    assert rates[:3] == pytest.approx([0.01, (9 * 0.009 + 6 * 0.001) / 15, 0.001 * 0.9**2])
    assert training.model().hyperparameters.regularization.dropout.hidden == 0.5
    assert read_hyperparameters(training.path) == training.values, "what the run was started with stays"


def test_changes_survive_a_resumption(tmp_path: Path, digits: Dataset) -> None:
    ends = []
    for name in ("whole", "interrupted"):
        training = Training(tmp_path, digits, name=name)

        def after(control: Control = training.control, interrupt: bool = name == "interrupted") -> None:
            control.change("learning_rate.initial", 0.002)
            control.change("regularization.weights.l1", 1e-4)

        training.after_epoch(1, after)
        if name == "interrupted":
            training.react = _both(training.react, lambda event, control=training.control: _interrupt_after(event, control, 2))
        training.start()
        if name == "interrupted":
            training.react = lambda event: None
            training.go_on()
        ends.append(training)
    assert_same_end(ends[1], ends[0])


def _both(first: Callable[[Event], None], second: Callable[[Event], None]) -> Callable[[Event], None]:
    def react(event: Event) -> None:
        first(event)
        second(event)

    return react


def _interrupt_after(event: Event, control: Control, epoch: int) -> None:
    if isinstance(event, EpochEnded) and event.epoch == epoch:
        control.interrupt()


def test_a_snapshot_on_request_holds_the_newest_parameters(training: Training, small_chunks: None) -> None:
    asked = False

    def ask(event: Event) -> None:
        nonlocal asked
        if isinstance(event, Progress) and not asked:
            asked = True
            training.control.snapshot()
        if isinstance(event, Snapshot) and not training.all(EpochEnded):
            assert load_model(Path(event.path)).epoch == 1

    training.react = ask
    training.start()
    assert [event.epoch for event in training.all(Snapshot)] == [1, 1, 2, 3, 4, 5]


def test_divergence_ends_the_run_and_keeps_the_last_good_model(training: Training) -> None:
    training.after_epoch(2, lambda: training.control.change("learning_rate.initial", 1e30))
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match=r"training diverged: .* epoch 3") as caught:
        training.start()
    assert "learning_rate.initial = 1e+30" in caught.value.advice
    assert training.model().epoch <= 2
    assert load_checkpoint(training.path)[0].epoch == 2
    assert np.isfinite(load_checkpoint(training.path)[0].state.parameters).all()


def test_parameters_that_are_not_finite_are_never_saved(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    state = CpuBackend.state

    def poisoned(self: CpuBackend) -> Any:
        found = state(self)
        if training.all(EpochEnded):
            found.parameters[3] = np.nan
        return found

    monkeypatch.setattr(CpuBackend, "state", poisoned)
    with pytest.raises(DivergenceError, match="a parameter is no longer a finite number"):
        training.start()
    assert load_checkpoint(training.path)[0].epoch == 1


def test_early_stopping_ends_the_run(tmp_path: Path, digits: Dataset) -> None:
    changes = {"early_stopping.mode": "stability", "early_stopping.patience": 2, "early_stopping.threshold": 10.0}
    training = Training(tmp_path, digits, changes)
    assert training.start() == "early_stopping"
    assert (training.all(Finished)[0].epochs, training.model().epoch) == (2, 2)
    assert training.all(Stopped) == []


def test_without_a_validation_part_the_last_epoch_is_kept(tmp_path: Path, digits: Dataset) -> None:
    training = Training(tmp_path, digits, {"training.validation_split": 0.0, "training.shuffle": False})
    training.start()
    assert {(epoch.validation_accuracy, epoch.validation_loss) for epoch in training.all(EpochEnded)} == {(None, None)}
    assert (training.model().epoch, training.all(Started)[0].steps) == (5, 16)
    assert "validation" not in training.all(Finished)[0].phases


def test_a_validation_part_that_leaves_nothing_to_train_on_is_refused(tmp_path: Path, digits: Dataset) -> None:
    with pytest.raises(HyperparameterError, match="leaves none of 500 digits to train on"):
        Training(tmp_path, digits, {"training.validation_split": 0.9999}).start()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """A disk that is full while the list's only item is True."""
    full = [False]
    sync = files.os.fsync

    def fsync(descriptor: int) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    yield full


def test_a_full_disk_is_told_and_survived(training: Training, full_disk: list[bool]) -> None:
    def react(event: Event) -> None:
        if isinstance(event, EpochEnded):
            full_disk[0] = event.epoch < 4

    training.react = react
    assert training.start() == "epochs"
    hints = training.all(Hint)
    assert hints and all("No space left on device; training goes on" in hint.message for hint in hints)
    assert [event.epoch for event in training.all(CheckpointWritten)] == [0, 4, 5]
    assert load_checkpoint(training.path)[0].epoch == 5
    assert training.model().test_accuracy == training.all(Finished)[0].test_accuracy
    assert json.loads((training.path / SUMMARY_FILE).read_text())["state"] == "finished"


def test_the_time_of_all_phases_is_measured_and_goes_on_after_a_resumption(training: Training) -> None:
    training.after_epoch(2, training.control.interrupt)
    training.start()
    before = read_summary(training.path).phases
    assert {"preparing", "training", "validation", "saving", "other"} <= before.keys()
    assert "test" not in before
    training.go_on()
    [*_, last], [ended] = training.all(EpochEnded), training.all(Finished)
    assert ended.phases == read_summary(training.path).phases
    assert ended.phases.keys() == before.keys() | {"test"}
    assert all(before[phase] <= last.phases[phase] <= ended.phases[phase] for phase in before)
