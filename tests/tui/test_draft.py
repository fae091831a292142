"""What is typed into the form, and what becomes of it."""

from __future__ import annotations

import shlex

import pytest

from engine.configuration import flatten, parse_assignment, replace
from engine.hyperparameters import HYPERPARAMETERS
from engine.presets import PRESETS, preset
from tui.draft import Draft, concerned, parse, title


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
