"""What a run was changed to while it trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backend import Device
from engine.events import Changed, Event, Started
from engine.hyperparameters.configuration import plain, replace
from engine.hyperparameters.definitions import Hyperparameters
from engine.presets import preset
from engine.runs.history import History, read_changes, read_history
from engine.runs.live_changes import described
from engine.runs.names import EVENTS_FILE
from engine.runs.run import Run
from engine.statistics import sections
from tests.unit.test_statistics import MNIST, rows

DROPOUT = "regularization.dropout.hidden"
VALUES = preset("default").hyperparameters


def changed(value: float, epoch: int, step: int = 0, key: str = DROPOUT) -> Changed:
    return Changed(key=key, value=value, epoch=epoch, step=step)


def started(values: Hyperparameters, first_epoch: int = 1) -> Started:
    return Started(
        run="", hyperparameters=plain(values), parameters=1, device=Device(0, "a", "cpu", "cpu", "b").plain(), plan={},
        dataset=MNIST.model_dump(mode="json"), epochs=9, steps=9, first_epoch=first_epoch,
    )  # fmt: skip


def with_events(root: Path, *events: Event) -> Path:
    run = Run.create(root, VALUES, "default", "mine")
    for event in events:
        run.record(event)
    run.close()
    return run.path


def test_a_history_is_what_a_run_began_with_and_its_changes(tmp_path: Path) -> None:
    change = changed(0.3, 10)
    path = with_events(tmp_path, started(VALUES), change)
    with (path / EVENTS_FILE).open("ab") as file:
        file.write(b'{"event": "changed", "key')
    later = replace(VALUES, {DROPOUT: 0.3})
    assert read_history(path, later) == History(VALUES, (change,))
    (path / EVENTS_FILE).unlink()
    assert read_history(path, later) == History(VALUES)
    assert read_history(path / "model.safetensors", later) == History(later)


@pytest.mark.parametrize(("value", "first_epoch", "left"), [(0.3, 4, 1), (0.1, 4, 0), (0.4, 4, 2), (0.4, 5, 3)])
def test_a_change_after_the_checkpoint_that_a_run_goes_on_from_is_none(tmp_path: Path, value: float, first_epoch: int, left: int) -> None:
    changes = [changed(0.3, 4, 100), changed(0.4, 4, 200), changed(0.4, 5, 0)]
    path = with_events(tmp_path, started(VALUES), *changes, started(replace(VALUES, {DROPOUT: value}), first_epoch))
    assert read_changes(path) == tuple(changes[:left])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([], "0.1"),
        ([changed(0.3, 10)], "0.1, from epoch 10 on 0.3"),
        ([changed(0.2, 2, 1), changed(0.3, 2, 5), changed(0.3, 3)], "0.1, from epoch 2 on 0.3"),
        ([changed(0.3, 2, 1), changed(0.1, 2, 5)], "0.1"),
        ([changed(epoch / 10, epoch) for epoch in range(2, 8)], "0.1, …, from epoch 7 on 0.7"),
    ],
)
def test_the_values_of_a_hyperparameter_are_said_in_order(changes: list[Changed], text: str) -> None:
    assert described(0.1, changes, str) == text


def test_statistics_say_what_was_changed_and_when() -> None:
    changes = [changed(0.3, 10), changed(1e-4, 12, key="learning_rate.initial")]
    found = sections(VALUES, MNIST.network(VALUES), dataset=MNIST, changes=changes)
    assert rows(found, "Dropout") == {"Input": "0", "Hidden": "0.1, from epoch 10 on 0.3"}
    assert rows(found, "Learning rate")["Initial"] == "0.002, from epoch 12 on 0.0001"
