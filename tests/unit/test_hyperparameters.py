"""Hyperparameters: one model behind TOML, assignments and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS, Hyperparameter
from engine.presets import PRESETS, preset


def values_of(leaf: Hyperparameter) -> st.SearchStrategy[Any]:
    """Values within a hyperparameter's bounds."""
    low = 0 if leaf.minimum is None else leaf.minimum
    high = low + 1000 if leaf.maximum is None else leaf.maximum
    match leaf.kind:
        case "choice":
            return st.sampled_from(leaf.choices)
        case "bool":
            return st.booleans()
        case "int":
            return st.integers(int(low), int(high))
        case "sizes":
            return st.lists(st.integers(1, 8192), max_size=8)
    return st.floats(low, high, exclude_min=leaf.minimum_is_excluded, exclude_max=leaf.maximum_is_excluded)


COUPLED = ("augmentation.", "optimizer.nesterov", "learning_rate.restart", "early_stopping.mode", "ensemble.deskewed")
"""Keys whose values depend on others."""


@given(st.fixed_dictionaries({key: values_of(leaf) for key, leaf in HYPERPARAMETERS.items() if not key.startswith(COUPLED)}))
def test_every_value_within_bounds_survives_toml(changes: dict[str, Any]) -> None:
    values = configuration.replace(Hyperparameters(), changes)
    assert configuration.from_toml(configuration.to_toml(values), "text") == values
    assert configuration.from_plain(configuration.plain(values)) == values


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_toml_and_assignments(name: str) -> None:
    values = preset(name).hyperparameters
    assert configuration.from_toml(configuration.to_toml(values), "text") == values
    assignments = [f"{key}={configuration.format_value(value)}" for key, value in configuration.changed(values, Hyperparameters()).items()]
    assert configuration.replace(Hyperparameters(), dict(map(configuration.parse_assignment, assignments))) == values


def test_every_key_has_what_the_form_shows() -> None:
    for key, leaf in HYPERPARAMETERS.items():
        assert leaf.title and leaf.help.endswith(".") and leaf.values, key
        assert configuration.get(Hyperparameters(), key) is not None


def test_assignments_take_toml_values_and_bare_words() -> None:
    parse = configuration.parse_assignment
    assert parse("network.hidden=[16,16]") == ("network.hidden", [16, 16])
    assert parse(" training.epochs = 3 ") == ("training.epochs", 3)
    assert parse("network.activation=relu") == parse('network.activation="relu"') == ("network.activation", "relu")


ONE_SENTENCE = [
    ("network.hiden=[16]", "network.hiden is not a hyperparameter; did you mean network.hidden?"),
    ("network.hidden", "'network.hidden' is not KEY=VALUE, such as network.hidden=[16,16]"),
    ("network.hidden=[0]", "network.hidden cannot be 0; it takes a list of 0 to 8 whole numbers, each 1 to 8192"),
    (
        "network.hidden=[1,1,1,1,1,1,1,1,1]",
        "network.hidden cannot be [1, 1, 1, 1, 1, 1, 1, 1, 1]; it takes a list of 0 to 8 whole numbers, each 1 to 8192",
    ),
    ("network.hidden=[16.5]", "network.hidden cannot be 16.5; it takes a list of 0 to 8 whole numbers, each 1 to 8192"),
    ("network.hidden=[1000000000]", "network.hidden cannot be 1000000000; it takes a list of 0 to 8 whole numbers, each 1 to 8192"),
    ("network.hidden=16", "network.hidden cannot be 16; it takes a list of 0 to 8 whole numbers, each 1 to 8192"),
    ("network.activation=softplus", "network.activation cannot be 'softplus'; it takes relu, leaky_relu, elu, gelu, sigmoid, swish, tanh"),
    ("training.epochs=0", "training.epochs cannot be 0; it takes 1 <= whole number <= 100000"),
    ("training.epochs=1.5", "training.epochs cannot be 1.5; it takes 1 <= whole number <= 100000"),
    ("training.epochs=true", "training.epochs cannot be True; it takes 1 <= whole number <= 100000"),
    ("training.shuffle=1", "training.shuffle cannot be 1; it takes true, false"),
    ("regularization.dropout.hidden=1.0", "regularization.dropout.hidden cannot be 1.0; it takes 0 <= value < 1"),
    ("learning_rate.initial=nan", "learning_rate.initial cannot be nan; it takes 0 < value"),
    ("learning_rate.initial=1e999", "learning_rate.initial cannot be inf; it takes 0 < value"),
    ('learning_rate.initial="0.1"', "learning_rate.initial cannot be '0.1'; it takes 0 < value"),
    ("learning_rate.initial=[", "learning_rate.initial: '[' is not a TOML value; it takes 0 < value"),
]


@pytest.mark.parametrize(("assignment", "sentence"), ONE_SENTENCE, ids=[assignment for assignment, _ in ONE_SENTENCE])
def test_a_bad_assignment_is_refused_in_one_sentence(assignment: str, sentence: str) -> None:
    with pytest.raises(HyperparameterError) as caught:
        key, value = configuration.parse_assignment(assignment)
        configuration.replace(Hyperparameters(), {key: value})
    assert caught.value.problems == [sentence]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"network.hidden": [8, 8], "network.activation": ["relu"]}, "activation lists 1 functions for 2 hidden layers"),
        ({"learning_rate.restart.interval": 3}, "restart.value must be above 0"),
        ({"ensemble.members": 2, "ensemble.deskewed": 3}, "^ensemble: deskewed, 3, cannot be more than members, 2$"),
        ({"optimizer.nesterov": True}, "optimizer.nesterov needs optimizer.momentum above 0"),
        ({"early_stopping.mode": "stability", "training.validation_split": 0.0}, "needs training.validation_split above 0"),
    ],
)
def test_values_that_do_not_go_together_are_refused(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(HyperparameterError, match=part) as caught:
        configuration.replace(Hyperparameters(), changes)
    assert len(caught.value.problems) == 1


def test_a_toml_file_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    for text, part in [
        ("[network]\nhidden = [", "is not valid TOML"),
        ("[network]\nwidth = 3", "network.width is not a hyperparameter"),
        ('"training.epochs" = 3', "training.epochs cannot be one key here; give epochs in the group training"),
        ("network = 3", "network"),
    ]:
        path.write_text(text)
        with pytest.raises(HyperparameterError, match=part) as caught:
            configuration.read_toml(path)
        assert str(path) in str(caught.value)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(HyperparameterError, match="is not a text file in UTF-8"):
        configuration.read_toml(path)
    with pytest.raises(HyperparameterError, match="cannot be read"):
        configuration.read_toml(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("training.epochs", 3, "cannot be changed while training"),
        ("training.epochs", 0, "cannot be changed while training"),
        ("regularization.dropout.hidden", 1.5, "cannot be 1.5"),
        ("a.b", 1, "is not a"),
    ],
)
def test_what_may_not_change_while_training_is_refused(key: str, value: float, part: str) -> None:
    with pytest.raises(HyperparameterError, match=part):
        configuration.replace_live(Hyperparameters(), key, value)
