"""A run, event by event."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import events
from tui.form.draft import Draft
from tui.form.proposals import proposed
from tui.runs.view import RunPhase, RunView, after

RUN = RunView(hyperparameters={}, preset="quick", phase=RunPhase.PREPARING)
FACTS: dict[str, Any] = {
    "run": "/runs/a",
    "hyperparameters": {},
    "parameters": 1,
    "device": {},
    "plan": {},
    "dataset": {},
    "epochs": 3,
    "steps": 4,
}
ENDED: dict[str, Any] = {"epochs": 2, "test_accuracy": 0.5, "test_loss": 1.0, "run": "/runs/a"}


def epoch(number: int) -> events.EpochEnded:
    return events.EpochEnded(
        epoch=number, learning_rate=0.1, train_loss=1.0, train_accuracy=0.5, validation_loss=None, validation_accuracy=None, seconds=1.0,
        samples_per_second=10.0, best_epoch=1,
    )  # fmt: skip


def told(*told: events.Event, run: RunView = RUN) -> RunView:
    for event in told:
        run = after(run, event)
    return run


def test_phases_follow_the_events() -> None:
    assert told(events.Compiling(kernels=3)).phase is RunPhase.COMPILING
    started = told(events.Compiling(kernels=3), events.Started(**FACTS))
    assert started.phase is RunPhase.TRAINING and started.directory == Path("/runs/a")
    paused = told(events.Paused(epoch=1, step=2), run=started)
    assert paused.phase is RunPhase.PAUSED and paused.is_learning
    assert told(events.Resumed(epoch=1, step=2), run=paused).phase is RunPhase.TRAINING


def test_a_run_that_is_being_ended_stays_so_until_it_is_over() -> None:
    stopping = RUN.in_phase(RunPhase.STOPPING)
    assert told(events.Resumed(epoch=1, step=2), events.Started(**FACTS), run=stopping).phase is RunPhase.STOPPING
    over = told(
        events.Stopped(reason="stopped", best_epoch=2, **ENDED), events.Finished(reason="stopped", best_epoch=2, **ENDED), run=stopping
    )
    assert over.phase is RunPhase.STOPPED and over.is_over


def test_no_epoch_is_dropped_and_the_best_is_known() -> None:
    run = told(*(epoch(number) for number in range(1, 4)))
    assert [item.epoch for item in run.epochs] == [1, 2, 3] and run.best_epoch == 1


def test_epochs_that_are_trained_again_after_an_interruption_are_not_counted_twice() -> None:
    run = told(epoch(1), epoch(2), events.Started(**FACTS, first_epoch=2), epoch(2))
    assert [item.epoch for item in run.epochs] == [1, 2]


def test_the_model_is_the_newest_snapshot_and_in_the_end_the_best() -> None:
    run = told(events.Snapshot(path="/runs/a/snapshot.safetensors", epoch=2))
    assert (run.model, run.model_epoch) == (Path("/runs/a/snapshot.safetensors"), 2)
    over = told(events.Finished(reason="epochs", best_epoch=1, **ENDED), run=run)
    assert (over.model, over.model_epoch) == (Path("/runs/a/model.safetensors"), 1)
    assert over.phase is RunPhase.FINISHED
    assert told(events.Finished(reason="stopped", best_epoch=0, **ENDED), run=run).model is None


def test_a_failure_ends_it() -> None:
    failed = told(events.Failed(kind="divergence", message="no", advice="less"))
    assert failed.phase is RunPhase.FAILED and failed.failure is not None and failed.failure.advice == "less"


def test_what_says_nothing_about_the_run_changes_nothing() -> None:
    ready = events.Ready(device={}, devices=[], note="", dataset={}, runs_directory="", versions={})
    assert told(ready) == RUN == replace(RUN)


def test_a_hint_is_there_until_it_ends() -> None:
    first, second = events.Hint(kind="plateau", message="a"), events.Hint(kind="overfitting", message="b")
    assert told(first, second, events.HintEnded(kind="plateau")).hints == (second,)


@pytest.mark.parametrize(
    ("wanted", "form", "is_proposed"),
    [(0.2, 0.1, True), (0.2, 0.2, False), (0.2, 0.3, False), (0.2, 0.05, True), (0.01, 0.05, True), (0.01, 0.005, False)],
)
def test_a_proposal_goes_the_way_that_it_went_for_the_run(wanted: float, form: float, is_proposed: bool) -> None:
    draft = Draft("default")
    draft.change({"regularization.dropout.hidden": form})
    hint = events.Hint(kind="overfitting", message="a", changes={"regularization.dropout.hidden": wanted})
    run = replace(RUN, hyperparameters={"regularization": {"dropout": {"hidden": 0.1}}})
    assert bool(proposed(hint, draft, run)) is is_proposed


def test_a_start_from_a_checkpoint_has_the_changes_that_are_in_it() -> None:
    changes = [events.Changed(key="learning_rate.initial", value=value, epoch=2, step=0) for value in (0.1, 0.2)]
    resumed = events.Started(**{**FACTS, "hyperparameters": {"learning_rate": {"initial": 0.1}}}, first_epoch=2)
    run = told(events.Started(**FACTS), *changes, resumed)
    assert run.changes == (changes[0],) and run.value("learning_rate.initial") == 0.1
