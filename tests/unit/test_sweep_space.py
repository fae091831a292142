"""What may vary, and how it is written."""

import pytest

from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError, replace
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.sweep.space import Choices, Range, distributions, parse_space, values

BASE = Hyperparameters()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate.initial=1e-4..1e-1:log", Range(1e-4, 0.1, log=True)),
        ("regularization.dropout.hidden = 0 .. 0.5", Range(0.0, 0.5)),
        ("regularization.dropout.hidden=0..0.5:0.1", Range(0.0, 0.5, step=0.1)),
        ("training.batch_size=16..128:16", Range(16, 128, step=16, is_whole=True)),
        ("training.batch_size=16|32", Choices((16, 32))),
        ("network.activation=relu|gelu", Choices(("relu", "gelu"))),
        ("network.hidden=[16,16]|[64]|[]", Choices(([16, 16], [64], []))),
        ("network.layer_norm=true|false", Choices((True, False))),
    ],
)
def test_ranges_and_choices(text, expected):
    [(key, space)] = parse_space([text], BASE).items()
    assert (key, space) == (text.partition("=")[0].strip(), expected)
    assert parse_space([f"{key}={space.text}"], BASE) == {key: expected}


def test_every_hyperparameter_but_four_comes_with_values_that_it_takes():
    fixed = [key for key, leaf in HYPERPARAMETERS.items() if not leaf.search]
    assert fixed == ["training.validation_split", "training.seed", "ensemble.members", "ensemble.deskewed"]
    base = replace(BASE, {"optimizer.momentum": 0.9, "learning_rate.restart.value": 1e-3})
    for key in HYPERPARAMETERS.keys() - fixed:
        [(found, space)] = parse_space([key], base).items()
        assert found == key and space.text
        for value in space.ends:
            assert configuration.get(replace(base, {key: value}), key) == value


def test_without_a_word_the_usual_ones_vary():
    assert "learning_rate.initial" in parse_space([], BASE)


def test_suggestions_become_hyperparameters():
    spaces = parse_space(["network.hidden=[16,16]|[64]", "learning_rate.initial", "training.batch_size"], BASE)
    found = distributions(spaces)
    assert found["network.hidden"].choices == ("[16, 16]", "[64]")
    assert values(spaces, {"network.hidden": "[64]", "training.batch_size": 9}) == {"network.hidden": [64], "training.batch_size": 9}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("learning_rate.inital", "did you mean learning_rate.initial?"),
        ("training.seed", "cannot be varied"),
        ("training.validation_split=0.1..0.3", "cannot be varied"),
        ("learning_rate.initial=", "it takes a range such as learning_rate.initial=1e-4..1e-1:log"),
        ("learning_rate.initial=0..1:log", "has to begin above 0"),
        ("learning_rate.initial=1..0.1", "does not rise"),
        ("learning_rate.initial=a..b", "'a' in a..b is not a number"),
        ("learning_rate.initial=0.1..inf", "is not a number"),
        ("training.batch_size=1.5..8", "is not a whole number"),
        ("training.batch_size=8..16:32", "does not fit"),
        ("training.batch_size=0..16", "training.batch_size cannot be 0"),
        ("network.hidden=1..3", "takes no range"),
        ("network.activation=relu", "one value does not vary"),
        ("network.activation=relu|relu", "named twice"),
        ("network.activation=relu|sine", "network.activation cannot be 'sine'"),
        ("network.hidden=[16]|16,16", "is not a TOML value"),
    ],
)
def test_a_space_that_cannot_be_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(HyperparameterError) as caught:
        parse_space([text], BASE)
    assert sentence in str(caught.value)
    assert text.partition("=")[0] in str(caught.value)


def test_nothing_is_varied_twice():
    with pytest.raises(HyperparameterError, match="varied twice"):
        parse_space(["learning_rate.initial", "learning_rate.initial=1e-3|1e-2"], BASE)
