"""Ensembles: members that are what single runs would be, safe on the disk, and one model in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset import Dataset
from engine import inference
from engine.checkpoint import load_checkpoint
from engine.data.deskew import deskewed
from engine.evaluation import evaluate
from engine.events import CheckpointWritten, EpochEnded, Evaluated, Event, Finished, Hint, MemberEnded, Progress, Snapshot, Started
from engine.hyperparameters.choices import Loss
from engine.runs import recorder
from engine.runs.metrics import read_metrics
from engine.runs.summary import read_summary
from tests.faults.training import Killed, Training

MEMBERS, EPOCHS, STEPS = 3, 4, 15
ENSEMBLE: dict[str, Any] = {
    "ensemble.members": MEMBERS,
    "ensemble.deskewed": 1,
    "training.epochs": EPOCHS,
    "training.seed": 7,
    "early_stopping.patience": 2,
    "early_stopping.threshold": 0.05,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Training:
    """An ensemble that was trained in one go."""
    training = Training(tmp_path_factory.mktemp("whole"), digits, ENSEMBLE)
    training.start()
    return training


def parameters(training: Training) -> list[bytes]:
    return [member.parameters.tobytes() for member in training.model().networks]


def test_each_member_is_what_a_run_with_its_seed_gives(tmp_path: Path, whole: Training) -> None:
    rows = read_metrics(whole.path)
    before = 0
    for index, member in enumerate(whole.model().members):
        own_values = {"ensemble.members": 1, "ensemble.deskewed": 0, "training.seed": 7 + index, "preprocessing.deskew": index == 2}
        changes = ENSEMBLE | own_values
        alone = Training(tmp_path, whole.dataset, changes, name=f"seed {7 + index}")
        alone.start()
        model, own = alone.model(), [row for row in rows if row.member == index + 1]
        assert member.parameters.tobytes() == model.parameters.tobytes()
        assert member.epoch == before + model.epoch
        assert (member.test_accuracy, member.test_loss) == (model.test_accuracy, model.test_loss)
        assert member.validation_accuracy == model.validation_accuracy
        figures = [(row.epoch, row.learning_rate, row.validation_loss) for row in read_metrics(alone.path)]
        assert [(row.epoch - before, row.learning_rate, row.validation_loss) for row in own] == figures
        before += len(own)
    assert len(rows) == before < MEMBERS * EPOCHS, "early stopping has a say in it"


def test_the_mean_of_the_probabilities_decides(whole: Training) -> None:
    model, test = whole.model(), whole.dataset.test
    seen = [test.images, test.images, deskewed(test.images, model.dataset.height, model.dataset.width)]
    each = [inference.outputs(model.network, member.parameters, own) for member, own in zip(model.members, seen, strict=True)]
    mean = np.mean([inference.probabilities(raw, Loss.CROSS_ENTROPY) for raw in each], axis=0)
    together = model.outputs(test.images)
    np.testing.assert_allclose(inference.probabilities(together, Loss.CROSS_ENTROPY), mean, atol=1e-6)
    [evaluated] = whole.all(Evaluated)
    found = evaluate(together, test.labels, Loss.CROSS_ENTROPY)
    assert evaluated.evaluation == found.plain()
    assert model.test_accuracy == found.accuracy == read_summary(whole.path).test_accuracy == whole.all(Finished)[0].test_accuracy
    assert found.loss == pytest.approx(-np.log(mean[np.arange(len(test)), test.labels]).mean(), rel=1e-5)


@pytest.mark.parametrize("loss", Loss)
def test_together_probabilities_are_the_mean_however_sure_the_members_are(loss: Loss) -> None:
    outputs = [
        np.array([[200.0, -200.0, 0.0], [0.5, 0.25, 0.0]], np.float32),
        np.array([[-200.0, 200.0, 0.0], [0.0, -1.0, -2.0]], np.float32),
    ]
    mean = np.mean([inference.probabilities(raw, loss) for raw in outputs], axis=0)
    found = inference.together(outputs, loss)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(inference.probabilities(found, loss), mean, atol=1e-6)


def together_on_the_validation_part(training: Training) -> list[float]:
    """The accuracy of each member with those before it."""
    model, train = training.model(), training.dataset.train
    first = len(train) - round(training.values.training.validation_split * len(train))
    each, labels = model.each_outputs(train.images[first:]), train.labels[first:]
    return [evaluate(model.together(each[:count]), labels, Loss.CROSS_ENTROPY).accuracy for count in range(1, len(each) + 1)]


def test_the_validation_accuracy_of_an_ensemble_is_that_of_its_members_together(whole: Training) -> None:
    model, found = whole.model(), together_on_the_validation_part(whole)
    assert found[-1] != model.members[-1].validation_accuracy, "or nothing is told apart"
    assert [member.committee_validation_accuracy for member in model.members] == found
    assert [event.committee_validation_accuracy for event in whole.all(MemberEnded)] == found
    assert model.validation_accuracy == read_summary(whole.path).validation_accuracy == found[-1]


def test_without_a_validation_part_an_ensemble_has_no_validation_accuracy(tmp_path: Path, digits: Dataset) -> None:
    training = Training(tmp_path, digits, ENSEMBLE | {"training.validation_split": 0.0, "training.epochs": 1})
    training.start()
    model = training.model()
    assert model.validation_accuracy is model.members[-1].committee_validation_accuracy is None
    assert read_summary(training.path).validation_accuracy is None


def test_while_a_member_is_trained_the_validation_accuracy_is_that_of_the_members_before_it(
    tmp_path: Path, whole: Training, small_chunks: None
) -> None:
    interrupted = Training(tmp_path, whole.dataset, ENSEMBLE)
    interrupted.after_epoch(end_of(2, whole) + 1, interrupted.control.interrupt)
    assert interrupted.start() == "interrupted"
    model = interrupted.model()
    assert len(model.members) == 3 and model.validation_accuracy is None
    assert read_summary(interrupted.path).validation_accuracy == whole.model().members[1].committee_validation_accuracy


def test_an_ensemble_tells_how_it_goes(whole: Training) -> None:
    [started] = whole.all(Started)
    assert (started.members, started.epochs) == (MEMBERS, MEMBERS * EPOCHS)
    assert [epoch.epoch for epoch in whole.all(EpochEnded)] == list(range(1, len(whole.all(EpochEnded)) + 1))
    told, model = whole.all(MemberEnded), whole.model()
    assert [(event.member, event.seed, event.best_epoch) for event in told] == [
        (number, 6 + number, member.epoch) for number, member in enumerate(model.members, start=1)
    ]
    assert told[0].committee_accuracy == told[0].test_accuracy
    assert told[-1].committee_accuracy == model.test_accuracy
    summary = read_summary(whole.path)
    assert (summary.state, summary.epochs, summary.best_epoch) == ("finished", len(whole.all(EpochEnded)), model.epoch)
    own = [member.epoch - before for member, before in zip(model.members, (0, end_of(1, whole), end_of(2, whole)), strict=True)]
    assert [member.own_epoch for member in model.members] == [event.own_epoch for event in told] == own
    assert (summary.best_member, summary.best_member_epoch) == (MEMBERS, own[-1])


def end_of(member: int, whole: Training) -> int:
    """Its last epoch."""
    return max(row.epoch for row in read_metrics(whole.path) if row.member == member)


@pytest.mark.parametrize(
    ("moment", "epochs"),
    [(EpochEnded, 0), (CheckpointWritten, 0), (Snapshot, 0), (MemberEnded, 0), (Progress, 0), (EpochEnded, 1), (Snapshot, 1)],
)
def test_a_killed_ensemble_goes_on_to_the_same_bits(
    tmp_path: Path, whole: Training, small_chunks: None, moment: type[Event], epochs: int
) -> None:
    """At an event after the second member's last epoch, or that many later."""
    killed, end = Training(tmp_path, whole.dataset, ENSEMBLE), end_of(2, whole)

    def kill(event: Event) -> None:
        if isinstance(event, moment) and len(killed.all(EpochEnded)) == end + epochs:
            raise Killed

    killed.react = kill
    with pytest.raises(Killed):
        killed.start()
    assert parameters(killed)[0] == parameters(whole)[0], "a finished member is safe"
    killed.react = lambda event: None
    killed.events.clear()
    assert killed.go_on() == whole.all(Finished)[0].reason
    assert parameters(killed) == parameters(whole)
    assert killed.all(MemberEnded) == whole.all(MemberEnded)
    rows, others = read_metrics(killed.path), read_metrics(whole.path)
    assert [(row.epoch, row.member, row.validation_loss) for row in rows] == [
        (row.epoch, row.member, row.validation_loss) for row in others
    ]


def test_an_interrupted_member_goes_on_in_mid_epoch(tmp_path: Path, whole: Training, small_chunks: None) -> None:
    interrupted, end = Training(tmp_path, whole.dataset, ENSEMBLE), end_of(1, whole)

    def react(event: Event) -> None:
        if isinstance(event, Progress) and event.epoch > end:
            interrupted.control.interrupt()

    interrupted.react = react
    assert interrupted.start() == "interrupted"
    checkpoint = load_checkpoint(interrupted.path)[0]
    assert (checkpoint.member, checkpoint.epoch) == (1, 0) and 0 < checkpoint.step < STEPS
    interrupted.react = lambda event: None
    interrupted.go_on()
    assert parameters(interrupted) == parameters(whole)


def test_a_member_that_was_never_saved_can_be_gone_on_with(
    tmp_path: Path, digits: Dataset, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where saving takes long, and without a validation part, by which some epochs would be worth keeping."""
    changes = ENSEMBLE | {"training.validation_split": 0.0}
    never = property(lambda self: False)
    monkeypatch.setattr(recorder.Recorder, "is_due", never)
    monkeypatch.setattr(recorder.Recorder, "may_hold", never)
    unbroken, interrupted = Training(tmp_path, digits, changes, name="unbroken"), Training(tmp_path, digits, changes)
    unbroken.start()

    def react(event: Event) -> None:
        if isinstance(event, Progress) and event.epoch == EPOCHS + 2:
            interrupted.control.interrupt()

    interrupted.react = react
    assert interrupted.start() == "interrupted"
    assert len(interrupted.model().networks) == 2
    interrupted.react = lambda event: None
    interrupted.go_on()
    assert parameters(interrupted) == parameters(unbroken)


def test_a_stopped_ensemble_is_a_model_of_what_there_is_and_may_go_on(tmp_path: Path, whole: Training) -> None:
    stopped = Training(tmp_path, whole.dataset, ENSEMBLE)
    first = end_of(1, whole) + 1
    stopped.after_epoch(first, stopped.control.stop)
    assert stopped.start() == "stopped"
    model = stopped.model()
    assert [member.epoch for member in model.members] == [whole.model().members[0].epoch, first]
    assert model.test_accuracy == evaluate(model.outputs(whole.dataset.test.images), whole.dataset.test.labels, Loss.CROSS_ENTROPY).accuracy
    assert stopped.all(Finished)[0].epochs == first
    stopped.react = lambda event: None
    stopped.go_on()
    assert parameters(stopped) == parameters(whole)


def test_no_checkpoint_gets_ahead_of_members_that_could_not_be_written(
    tmp_path: Path, whole: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = recorder.save_model
    full = Training(tmp_path, whole.dataset, ENSEMBLE)

    def save_model(path: Path, model: Any) -> None:
        if full.all(EpochEnded)[-1].member > 1:
            raise OSError(28, "No space left on device")
        saved(path, model)

    monkeypatch.setattr(recorder, "save_model", save_model)
    with pytest.raises(OSError, match="No space left"):
        full.start()
    assert full.all(Hint)
    assert load_checkpoint(full.path)[0].member == 1
    monkeypatch.undo()
    full.go_on()
    assert parameters(full) == parameters(whole)
