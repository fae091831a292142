"""Advice from made-up figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset import Dataset, Split
from engine.events import Changed, EpochEnded, Event, Failed, Hint, HintEnded, Snapshot, Started
from engine.hints import fit, rate, rules
from engine.hints.advice import Situation
from engine.hints.adviser import Adviser, dead_shares
from engine.hyperparameters.configuration import from_plain, plain, replace
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts, Model
from engine.model_file import save_model
from engine.network import initial_parameters

CONSTANT: dict[str, Any] = {"learning_rate.decay.method": "none"}


def epochs(train: Sequence[float], validation: Sequence[float] | None = None, accuracy: float = 0.96, **figures: Any) -> list[EpochEnded]:
    common = {"learning_rate": 2e-3, "validation_accuracy": None, "seconds": 1.0, "samples_per_second": 1.0, "best_epoch": 1, **figures}
    validated: Sequence[float | None] = validation or [None] * len(train)
    return [
        EpochEnded(epoch=number, train_loss=loss, train_accuracy=accuracy, validation_loss=other, **common)
        for number, (loss, other) in enumerate(zip(train, validated, strict=True), 1)
    ]


def situation(told: list[EpochEnded], steps: int = 800, **values: Any) -> Situation:
    return Situation(replace(Hyperparameters(), {key.replace("__", "."): value for key, value in values.items()}), told, 10, steps)


@pytest.mark.parametrize(
    ("losses", "is_amiss"),
    [
        ([0.5, 0.3, 0.2, 0.19], False),
        ([0.5, 0.2, 0.205, 0.208], False),
        ([0.5, 0.2, 0.21, 0.24], True),
        ([0.5, 0.2, 0.4], True),
        ([0.5, 0.9], False),
        ([0.0, 0.0, 0.0], False),
        ([0.5, 0.0, 0.2], True),
        ([0.3, 0.004, 0.012], False),
    ],
)
def test_a_rising_training_loss_wants_a_lower_rate(losses: list[float], is_amiss: bool) -> None:
    advice = rate.learning_rate(situation(epochs(losses)))
    assert (advice is not None) is is_amiss
    assert advice is None or advice.changes == {"learning_rate.initial": 6e-4}


def test_a_rise_after_a_restart_or_in_the_warm_up_is_as_it_should_be() -> None:
    told = [*epochs([0.5, 0.2, 0.2]), epochs([0.0] * 3 + [0.4], learning_rate=9e-3)[-1]]
    assert rate.learning_rate(situation(told)) is None


def test_a_network_that_guesses_wants_a_much_lower_rate_if_that_was_high() -> None:
    advice = rate.learning_rate(situation(epochs([2.3], accuracy=0.1, learning_rate=0.1), learning_rate__initial=0.1))
    assert advice is not None and advice.changes == {"learning_rate.initial": 0.01} and "guessing" in advice.message
    assert rate.learning_rate(situation(epochs([2.3], accuracy=0.1, learning_rate=1e-6))) is None


@pytest.mark.parametrize(
    ("train", "validation", "is_amiss"),
    [
        ([0.3, 0.2, 0.15, 0.1, 0.08], [0.2, 0.1, 0.105, 0.11, 0.12], True),
        ([0.3, 0.2, 0.15, 0.1], [0.2, 0.1, 0.11, 0.12], False),
        ([0.3, 0.2, 0.15, 0.1, 0.08], [0.2, 0.1, 0.101, 0.102, 0.103], False),
        ([0.3, 0.2, 0.3, 0.4, 0.5], [0.2, 0.1, 0.2, 0.3, 0.4], False),
        ([0.3, 0.2, 0.15, 0.1, 0.08], None, False),
        ([0.3, 0.2, 0.15, 0.1, 0.08], [0.2, 0.0, 0.1, 0.1, 0.1], True),
        ([0.3, 0.2, 0.15, 0.1, 0.08], [0.2, 0.0, 0.0, 0.0, 1e-8], False),
        ([0.3, 0.2, 0.15, 0.1, 0.08], [0.0, 0.0, 0.0, 0.0, 0.0], False),
    ],
)
def test_overfitting_is_a_validation_loss_that_rises_while_the_training_loss_falls(
    train: list[float], validation: list[float] | None, is_amiss: bool
) -> None:
    advice = fit.overfitting(situation(epochs(train, validation)))
    assert (advice is not None) is is_amiss
    assert advice is None or advice.changes == {"augmentation.shift": 1.0}


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ({}, {"augmentation.shift": 1.0}),
        ({"augmentation__rotation": 5.0}, {"regularization.dropout.hidden": 0.2}),
        ({"augmentation__shift": 1.0, "regularization__dropout__hidden": 0.5}, {"regularization.weights.l2": 1e-5}),
        ({"augmentation__shift": 1.0, "network__hidden": []}, {"regularization.weights.l2": 1e-5}),
    ],
)
def test_overfitting_wants_distortions_then_dropout_then_smaller_weights(values: dict[str, Any], changes: dict[str, float]) -> None:
    told = epochs([0.3, 0.2, 0.15, 0.1, 0.08], [0.2, 0.1, 0.105, 0.11, 0.12])
    advice = fit.overfitting(situation(told, **values))
    assert advice is not None and advice.changes == changes


def test_digits_known_by_heart_are_overfitting_although_the_validation_loss_has_settled() -> None:
    losses = [1.2, 0.2, 0.01, 0.005], [0.6, 0.43, 0.43, 0.43]
    advice = fit.overfitting(situation(epochs(*losses, accuracy=1.0, validation_accuracy=0.9)))
    assert advice is not None and "100.0% of the training digits" in advice.message and "90.0% of the validation" in advice.message
    assert fit.overfitting(situation(epochs(*losses, accuracy=1.0, validation_accuracy=0.98))) is None
    assert fit.overfitting(situation(epochs(*losses, accuracy=0.98, validation_accuracy=0.9))) is None


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ({"network__hidden": []}, {"network.hidden": [32]}),
        ({"network__hidden": [1]}, {"network.hidden": [32]}),
        ({"network__hidden": [24, 8192]}, {"network.hidden": [48, 8192]}),
        ({"regularization__dropout__hidden": 0.7}, {"regularization.dropout.hidden": 0.1}),
        ({"regularization__weights__l2": 0.01}, {"regularization.weights.l2": 1e-3}),
    ],
)
def test_underfitting_wants_more_room_or_less_in_its_way(values: dict[str, Any], changes: dict[str, Any]) -> None:
    advice = fit.underfitting(situation(epochs([0.46, 0.31, 0.28, 0.27, 0.265, 0.26], [0.27] * 6, accuracy=0.9), **values))
    assert advice is not None and advice.changes == changes and "only 90.0% of the training digits" in advice.message
    assert advice.message.partition(":")[0] in {
        "underfitting, the network is too small",
        "underfitting, so much dropout holds the network back",
        "underfitting, the penalty on its weights holds the network back",
    }, "what a small window shows of it"


def test_distorted_digits_are_no_measure_of_underfitting_the_validation_digits_are() -> None:
    told = epochs([0.9] * 5, [0.3] * 5, accuracy=0.8, validation_accuracy=0.93)
    advice = fit.underfitting(situation(told, augmentation__rotation=20.0))
    assert advice is not None and "only 93.0% of the validation digits are right" in advice.message


@pytest.mark.parametrize(
    ("told", "values"),
    [
        (epochs([0.46, 0.31, 0.28], accuracy=0.9), {}),
        (epochs([0.46, 0.40, 0.35, 0.30, 0.25], accuracy=0.9), {}),
        (epochs([0.3] * 5, accuracy=0.96), {}),
        (epochs([0.3] * 5, accuracy=0.9, validation_accuracy=0.96), {}),
        (epochs([0.3] * 5, [0.5] * 5, accuracy=0.9, validation_accuracy=0.8), {}),
        (epochs([0.3] * 5, accuracy=0.9, learning_rate=0.01), {}),
        (epochs([0.3] * 5, accuracy=0.9, learning_rate=1e-5), {}),
        (epochs([1.3] * 5, accuracy=0.4), {"network__hidden": [32] * 3, "network__activation": "sigmoid"}),
        (epochs([0.99, 0.944, 0.915, 0.892], accuracy=0.847), {"augmentation__rotation": 20.0}),
        (epochs([0.99, 0.944, 0.915, 0.892], accuracy=0.847), {"training__epochs": 600}),
        (epochs([0.6, 0.59, 0.58, 0.57], accuracy=0.9), {"regularization__label_smoothing": 0.1}),
    ],
)
def test_what_learns_or_has_another_reason_not_to_does_not_underfit(told: list[EpochEnded], values: dict[str, Any]) -> None:
    assert fit.underfitting(situation(told, **values)) is None


def test_a_loss_that_stays_above_that_of_guessing_at_a_high_rate_wants_a_much_lower_one() -> None:
    advice = rate.learning_rate(situation(epochs([43.4, 43.5], learning_rate=0.8), learning_rate__initial=1.0))
    assert (
        advice is not None
        and advice.changes == {"learning_rate.initial": 0.1}
        and "43.5, far worse than that of guessing, 2.3" in advice.message
    )
    assert rate.learning_rate(situation(epochs([43.4], learning_rate=0.8))) is None, "the first steps may leap"
    assert rate.learning_rate(situation(epochs([43.4, 43.3]))) is None


def test_a_low_rate_is_told_from_a_loss_that_creeps() -> None:
    creeping, sgd = [2.35, 2.28], {"optimizer__name": "sgd", "learning_rate__initial": 1e-3}
    advice = rate.low_learning_rate(situation(epochs(creeping, accuracy=0.15, learning_rate=1e-3), **sgd))
    assert advice is not None and advice.changes == {"learning_rate.initial": 0.01}
    rolling = {**sgd, "optimizer__momentum": 0.99}
    assert rate.low_learning_rate(situation(epochs(creeping, learning_rate=1e-3), **rolling)) is None
    assert rate.low_learning_rate(situation(epochs(creeping))) is None, "as Adam goes, its rate is not low"
    assert rate.low_learning_rate(situation(epochs([2.3, 0.9], learning_rate=1e-4))) is None
    assert rate.low_learning_rate(situation(epochs([2.28, 2.35], learning_rate=1e-4))) is None
    assert rate.low_learning_rate(situation(epochs(creeping, learning_rate=1e-4), learning_rate__warmup=5.0)) is None


def test_many_layers_of_sigmoid_are_not_blamed_on_the_rate() -> None:
    deep = {"network__hidden": [32] * 4, "network__activation": "sigmoid", "optimizer__name": "sgd"}
    guessing = situation(epochs([2.31], accuracy=0.1, learning_rate=0.1), **deep)
    advice = rate.vanishing_gradient(guessing)
    assert advice is not None and advice.changes == {"network.activation": "leaky_relu"} and "4 layers of sigmoid" in advice.message
    assert rate.learning_rate(guessing) is None
    assert rate.vanishing_gradient(situation(epochs([1.9, 1.5], accuracy=0.4), **deep)) is not None
    for told, values in (
        (epochs([2.31], accuracy=0.1), {**deep, "network__hidden": [32] * 2}),
        (epochs([2.31], accuracy=0.1), {**deep, "network__layer_norm": True}),
        (epochs([2.6], accuracy=0.1), deep),
        (epochs([2.31], accuracy=0.1, learning_rate=0.5), deep),
        (epochs([1.2, 0.5], accuracy=0.85), deep),
    ):
        assert rate.vanishing_gradient(situation(told, **values)) is None


def test_a_plateau_is_a_loss_that_no_longer_falls() -> None:
    flat, falling = [0.3] * 12, [0.3 * 0.9**number for number in range(12)]
    advice = rate.plateau(situation(epochs(flat), **CONSTANT))
    assert advice is not None and advice.changes == {"learning_rate.initial": 6e-4}
    assert rate.plateau(situation(epochs(falling), **CONSTANT)) is None
    assert rate.plateau(situation(epochs(flat, falling), **CONSTANT)) is None
    assert rate.plateau(situation(epochs(flat[:9]), **CONSTANT)) is None
    near_the_entropy_of_the_targets = epochs([0.5 + loss / 40 for loss in falling])
    assert rate.plateau(situation(near_the_entropy_of_the_targets, regularization__label_smoothing=0.1, **CONSTANT)) is None
    assert rate.plateau(situation(epochs(flat, accuracy=0.999), **CONSTANT)) is None
    assert rate.plateau(situation(epochs(flat, learning_rate=1e-5), **CONSTANT)) is None
    assert rate.plateau(situation(epochs(flat))) is None, "a cosine brings the rate down by itself"


def test_batches_are_told_to_be_too_large() -> None:
    few = rules.batch_for_data(situation([], steps=5, training__batch_size=1024))
    assert few is not None and few.changes == {"training.batch_size": 32}
    assert rules.batch_for_data(situation([], steps=20)) is None
    assert rules.batch_for_data(situation([], steps=3, training__batch_size=1)) is None
    slow = rules.batch_for_device(situation(epochs([0.3], seconds=40.0), steps=20, training__batch_size=1024))
    assert slow is not None and slow.changes == {"training.batch_size": 256} and "2.0 s" in slow.message
    assert rules.batch_for_device(situation(epochs([0.3], seconds=10.0), steps=20)) is None


def test_dead_units_are_counted_in_the_worst_layer() -> None:
    learning = situation(epochs([0.3], accuracy=0.9))
    advice = rules.dead_units(learning, [0.05, 0.4])
    assert advice is not None and advice.message.startswith("40% of the neurons of hidden layer 2")
    assert rules.dead_units(learning, [0.05]) is None and rules.dead_units(learning, []) is None


def test_a_network_that_has_learnt_the_digits_can_spare_some_neurons() -> None:
    learnt = situation(epochs([0.3], accuracy=0.97))
    assert rules.dead_units(learnt, [0.05, 0.4]) is None
    assert rules.dead_units(learnt, [0.6]) is not None


def dataset() -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (40, 4)).astype(np.uint8)
    part = Split(images, np.arange(40, dtype=np.uint8) % 2)
    return Dataset("tiny", "", part, part, 2, 2, ("a", "b"), "0" * 64)


def model(values: Hyperparameters, bias: float = -100) -> Model:
    """Half of its hidden units have a bias that no digit overcomes."""
    facts = DatasetFacts.of(dataset())
    network = facts.network(values)
    parameters = initial_parameters(network, values.network.initializer, 0)
    layer = network.layers[0]
    layer.weight(parameters)[:] = 0.1
    layer.row(parameters, layer.bias_row)[::2] = bias
    return Model(values, network, parameters, facts, epoch=1)


@pytest.mark.parametrize(("activation", "share"), [("relu", 0.5), ("gelu", 0.5), ("leaky_relu", 0.0), ("tanh", 0.0)])
def test_units_that_never_fire_are_found(activation: str, share: float) -> None:
    values = from_plain({"network": {"hidden": [8], "activation": activation}})
    assert dead_shares(model(values), dataset()) == [share]


@pytest.mark.parametrize(("activation", "share"), [("relu", 0.5), ("gelu", 0.0), ("swish", 0.0)])
def test_units_that_still_have_a_gradient_below_zero_are_not_dead(activation: str, share: float) -> None:
    values = from_plain({"network": {"hidden": [8], "activation": activation}})
    assert dead_shares(model(values, bias=-0.9), dataset()) == [share]


def started(values: Hyperparameters, steps: int = 800) -> Started:
    return Started(run="", hyperparameters=plain(values), parameters=1, device={}, plan={}, dataset={}, epochs=9, steps=steps)


def hinted(adviser: Adviser, events: Sequence[Event]) -> list[Hint]:
    return [item for event in events for item in adviser.with_hints(event) if isinstance(item, Hint)]


def test_a_kind_is_told_once_and_again_where_it_got_much_worse() -> None:
    values = Hyperparameters()
    adviser = Adviser(values, dataset())
    told = hinted(adviser, [started(values), *epochs([0.5, 0.2, 0.21, 0.25, 0.26, 0.3, 0.9, 0.95])])
    assert [hint.kind for hint in told] == ["learning_rate", "learning_rate"]
    assert [hint.message.split(",")[1].split()[1] for hint in told] == ["0.250", "0.900"]


def course(adviser: Adviser, events: Sequence[Event]) -> list[tuple[int, str]]:
    """After which event, counted from 1, a hint was told (its kind) or ended (its kind behind a minus)."""
    found = []
    for number, event in enumerate(events, 1):
        told = [item for item in adviser.with_hints(event) if item is not event]
        found += [(number, f"-{item.kind}" if isinstance(item, HintEnded) else item.kind) for item in told if hasattr(item, "kind")]
    return found


FALLING = [0.3, 0.2, 0.15, 0.1, 0.08, 0.07, 0.06, 0.05]


@pytest.mark.parametrize(
    ("train", "validation", "accuracies", "expected"),
    [
        ([0.5, 0.2, 0.21, 0.24, 0.23, 0.2], None, None, [(4, "learning_rate"), (6, "-learning_rate")]),
        (FALLING, [0.2, 0.1, 0.11, 0.11, 0.11, 0.102, 0.09, 0.1], None, [(5, "overfitting"), (7, "-overfitting")]),
        (FALLING, [0.2, 0.1] + [0.11] * 6, [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.91, 0.9], [(5, "overfitting"), (7, "-overfitting")]),
        ([0.3] * 11 + [0.2], None, None, [(10, "plateau"), (12, "-plateau")]),
    ],
)
def test_later_epochs_refute_a_hint(
    train: list[float], validation: list[float] | None, accuracies: list[float] | None, expected: list[tuple[int, str]]
) -> None:
    told = epochs(train, validation)
    if accuracies:
        told = [dataclasses.replace(epoch, validation_accuracy=accuracy) for epoch, accuracy in zip(told, accuracies, strict=True)]
    adviser = Adviser(replace(Hyperparameters(), CONSTANT), dataset())
    adviser.with_hints(started(replace(Hyperparameters(), CONSTANT)))
    assert course(adviser, told) == expected


def test_what_is_told_of_too_little_learning_holds_until_more_is_learnt() -> None:
    adviser = Adviser(replace(Hyperparameters(), CONSTANT), dataset())
    adviser.with_hints(started(replace(Hyperparameters(), CONSTANT)))
    told = [*epochs([0.3] * 4 + [0.2, 0.2], accuracy=0.9), dataclasses.replace(epochs([0.1])[0], epoch=7)]
    assert course(adviser, told) == [(4, "underfitting"), (7, "-underfitting")]


def test_no_rule_looks_across_a_change_in_flight_which_ends_what_was_told_before() -> None:
    values = Hyperparameters()
    adviser = Adviser(values, dataset())
    adviser.with_hints(started(values))
    told = epochs([0.3, 0.2, 0.15, 0.1, 0.08, 0.2, 0.4, 0.39], [0.2, 0.1, 0.105, 0.11, 0.12, 0.1, 0.1, 0.1])
    raised = Changed(key="regularization.dropout.hidden", value=0.3, epoch=6, step=5)
    assert course(adviser, [*told[:5], raised, *told[5:]]) == [(5, "overfitting"), (6, "-overfitting")]


def test_a_change_between_epochs_is_followed_by_epochs_that_are_alike() -> None:
    values = Hyperparameters()
    adviser = Adviser(values, dataset())
    adviser.with_hints(started(values))
    told = epochs([0.5, 0.1, 0.2, 0.19, 0.4])
    change = Changed(key="regularization.dropout.hidden", value=0.3, epoch=3, step=0)
    assert course(adviser, [*told[:2], change, *told[2:]]) == [(6, "learning_rate")]


def test_advice_follows_what_was_changed_in_flight() -> None:
    values = Hyperparameters()
    adviser = Adviser(values, dataset())
    changed = Changed(key="learning_rate.initial", value=1e-3, epoch=1, step=2)
    [hint] = hinted(adviser, [started(values), changed, *epochs([0.5, 0.2, 0.21, 0.25])])
    assert hint.changes == {"learning_rate.initial": 3e-4}


@pytest.mark.parametrize(
    ("kind", "message", "changes"),
    [
        ("divergence", "training diverged", {"learning_rate.initial": 2e-4}),
        ("device", "The device has no memory left for activations.", {"training.batch_size": 256}),
    ],
)
def test_a_hint_comes_before_the_failure(kind: str, message: str, changes: dict[str, Any]) -> None:
    failed = Failed(kind=kind, message=message, advice="")
    hint, last = Adviser(from_plain({"training": {"batch_size": 1024}}), dataset()).with_hints(failed)
    assert isinstance(hint, Hint) and hint.changes == changes and last is failed


def test_dead_units_are_sought_in_the_model_that_was_written(tmp_path: Path) -> None:
    values = from_plain({"network": {"hidden": [8], "activation": "relu"}})
    path = tmp_path / "model.safetensors"
    save_model(path, model(values))
    snapshots = [Snapshot(path=str(path), epoch=epoch) for epoch in (1, 2, 3)]
    [hint] = hinted(Adviser(values, dataset()), [started(values), *epochs([0.3]), *snapshots])
    assert hint.kind == "dead_units" and hint.changes == {"network.activation": "leaky_relu"}
    assert hinted(Adviser(values, dataset()), [started(values), *epochs([0.3]), Snapshot(path=str(tmp_path / "gone"), epoch=1)]) == []


def test_dead_units_are_sought_however_seldom_a_model_is_written(tmp_path: Path) -> None:
    values = from_plain({"network": {"hidden": [8], "activation": "relu"}})
    path = tmp_path / "model.safetensors"
    save_model(path, model(values))
    adviser = Adviser(values, dataset())
    assert hinted(
        adviser, [started(values), *epochs([0.3]), Snapshot(path=str(tmp_path / "gone"), epoch=1), Snapshot(path=str(path), epoch=83)]
    )


def test_units_that_fire_again_end_the_hint(tmp_path: Path) -> None:
    values = from_plain({"network": {"hidden": [8], "activation": "relu"}})
    path, dead = tmp_path / "model.safetensors", model(values)
    adviser = Adviser(values, dataset())
    save_model(path, dead)
    assert course(adviser, [started(values), *epochs([0.3], accuracy=0.9), Snapshot(path=str(path), epoch=1)]) == [(3, "dead_units")]
    layer = dead.network.layers[0]
    layer.row(dead.parameters, layer.bias_row)[:] = 1
    save_model(path, dead)
    gone = Snapshot(path=str(tmp_path / "gone"), epoch=2)
    assert course(adviser, [gone, Snapshot(path=str(path), epoch=4)]) == [(2, "-dead_units")]
