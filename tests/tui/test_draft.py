"""What is typed into the form, and what becomes of it."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from engine.events import Changed, Started
from engine.hyperparameters.configuration import flatten, parse_assignment, plain, replace
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.presets import PRESETS, preset
from tui.form.draft import MOST_UNDONE, Draft, concerned, parse, title
from tui.runs.reproduction import reproduction
from tui.runs.view import RunView, after


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_shown_is_read_back(name: str) -> None:
    draft = Draft(name)
    values = draft.values
    for key in HYPERPARAMETERS:
        draft.set(key, draft.text(key))
    assert draft.values == values
    assert draft.changed_keys == []


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("network.hidden", "256, 128", [256, 128]),
        ("network.hidden", "[64 32]", [64, 32]),
        ("network.hidden", "", []),
        ("network.activation", "relu, tanh", ["relu", "tanh"]),
        ("network.layer_norm", "true", True),
        ("learning_rate.initial", " .01 ", 0.01),
        ("training.epochs", "1.5", "1.5"),
        ("training.epochs", "", ""),
    ],
)
def test_texts_become_values_or_stay_texts(key: str, text: str, value: object) -> None:
    assert parse(key, text) == value


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"training.epochs": "many"}, "training.epochs"),
        ({"regularization.dropout.hidden": "1"}, "regularization.dropout.hidden"),
        ({"network.hidden": "0"}, "network.hidden"),
        ({"network.activation": "relu, tanh"}, "network.activation"),
        ({"learning_rate.restart.interval": "5"}, "learning_rate.restart.value"),
        ({"optimizer.nesterov": "true"}, "optimizer.nesterov"),
        ({"ensemble.members": "3", "ensemble.deskewed": "4"}, "ensemble.deskewed"),
        ({"learning_rate.initial": "nan"}, "learning_rate.initial"),
    ],
)
def test_a_problem_is_told_at_the_field_that_it_is_about(changes: dict[str, str], key: str) -> None:
    draft = Draft("quick")
    for changed, text in changes.items():
        draft.set(changed, text)
    assert list(draft.problems) == [key]
    assert draft.values is None
    assert draft.reason == draft.problems[key] != ""
    for changed in changes:
        draft.reset(changed)
    assert draft.values == preset("quick").hyperparameters and draft.reason == ""


def test_sentences_that_name_no_field_concern_none() -> None:
    assert concerned("something else is wrong") is None


def test_a_run_with_loaded_values_is_of_the_preset_that_has_just_these_or_of_none() -> None:
    draft = Draft("quick")
    draft.set("network.hidden", "9")
    assert draft.preset_of_run == "quick", "its values began with the preset"
    draft.begin("quick", replace(preset("default").hyperparameters, {"network.hidden": [9]}))
    assert draft.preset_of_run == "" and draft.preset_name == "quick"
    draft.set("network.hidden", "256, 128")
    assert draft.preset_of_run == "default"
    for _ in range(2):
        draft.undo()
    assert draft.preset_of_run == "quick"
    draft.redo()
    assert draft.preset_of_run == ""
    draft.begin("readme")
    assert draft.preset_of_run == "readme"


def test_the_command_line_says_what_the_form_says() -> None:
    draft = Draft("readme")
    draft.set("network.hidden", "32, 16")
    draft.set("training.seed", "7")
    words = shlex.split(draft.command_line("1", "a directory"))
    assert words[:4] == ["digits-tui", "train", "--preset", "readme"]
    assert words[-4:] == ["--device", "1", "--dataset", "a directory"]
    assignments = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
    assert replace(preset("readme").hyperparameters, dict(map(parse_assignment, assignments))) == draft.values


def test_titles_tell_fields_of_a_group_apart() -> None:
    assert title("regularization.weights.l1") == "Weights L1"
    assert title("learning_rate.restart.interval") == "Restart interval"
    groups = [(key.split(".")[0], title(key)) for key in flatten(preset("default").hyperparameters)]
    assert len(set(groups)) == len(groups)


def test_keystrokes_in_a_field_are_one_change() -> None:
    draft = Draft("quick")
    for text in ("1", "16", "16, 8"):
        draft.set("network.hidden", text)
    draft.leave_field()
    draft.set("network.hidden", "9")
    assert draft.undo() == ["network.hidden"] and draft.text("network.hidden") == "16, 8"
    assert draft.undo() == ["network.hidden"] and draft.text("network.hidden") == "128"
    assert not draft.can_undo
    draft.redo()
    assert draft.text("network.hidden") == "16, 8"


def test_a_new_change_leaves_nothing_to_redo() -> None:
    draft = Draft("quick")
    draft.set("training.seed", "1")
    draft.undo()
    assert draft.can_redo
    draft.set("training.seed", "2")
    assert not draft.can_redo
    draft.undo()
    assert draft.text("training.seed") == "0"


def test_several_values_are_changed_and_undone_as_one() -> None:
    draft = Draft("quick")
    draft.change({"training.seed": 3, "training.epochs": 5})
    assert draft.changed_keys == ["training.epochs", "training.seed"]
    assert draft.undo() == ["training.epochs", "training.seed"]
    assert draft.changed_keys == []


def test_a_wrong_value_is_undone_too() -> None:
    draft = Draft("quick")
    draft.set("training.seed", "no")
    assert draft.problems
    draft.undo()
    assert not draft.problems and draft.values == preset("quick").hyperparameters


def test_not_all_changes_of_a_long_day_are_kept() -> None:
    draft = Draft("quick")
    for seed in range(MOST_UNDONE + 5):
        draft.change({"training.seed": seed + 1})
    for _ in range(MOST_UNDONE):
        draft.undo()
    assert not draft.can_undo and draft.text("training.seed") == "5"


def started(values: dict[str, Any], **facts: Any) -> RunView:
    told = {"run": "/runs/a", "parameters": 1, "device": {}, "plan": {}, "dataset": {"name": "mnist"}, "epochs": 1, "steps": 1, **facts}
    return RunView(hyperparameters=values, preset="gone", started=Started(hyperparameters=values, **told))


def test_a_run_is_reproduced_on_its_device_and_data_whatever_the_preset_was() -> None:
    values = plain(replace(preset("default").hyperparameters, {"network.activation": "relu"}))
    facts = {"device": {"backend": "wgpu", "name": "NVIDIA H100"}, "dataset": {"name": "mine", "path": "/data/my digits"}}
    command, caveat = reproduction(started(values, **facts))
    assert shlex.split(command) == [
        "digits-tui", "train", "--preset", "default", "--set", 'network.activation="relu"',
        "--device", "NVIDIA H100", "--dataset", "/data/my digits",
    ]  # fmt: skip
    assert caveat == ""


def test_changes_in_flight_are_told_to_be_left_out() -> None:
    run = started(plain(preset("default").hyperparameters), device={"backend": "cpu"})
    run = after(run, Changed(key="learning_rate.initial", value=1e-4, epoch=1, step=2))
    assert run.value("learning_rate.initial") == 1e-4 and run.value("training.epochs") == 20
    command, caveat = reproduction(run)
    assert command == "digits-tui train --preset default --device cpu"
    assert caveat.endswith(": learning_rate.initial 0.002, from epoch 1 on 0.0001.")
