from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from engine.early_stopping import EarlyStopping
from engine.hyperparameters.definitions import EarlyStopping as Hyperparameters


def watch(values: dict[str, Any], figures: Iterable[tuple[float | None, float | None]]) -> tuple[EarlyStopping, list[int], int | None]:
    """The rule, the epochs it wanted to keep, and the epoch it stopped after."""
    rule = EarlyStopping(Hyperparameters.model_validate(values))
    kept = []
    for epoch, (accuracy, loss) in enumerate(figures, start=1):
        if rule.observe(accuracy, loss):
            kept.append(epoch)
        if rule.should_stop:
            return rule, kept, epoch
    return rule, kept, None


def accuracies(*values: float) -> list[tuple[float | None, float | None]]:
    return [(value, 1.0) for value in values]


def test_patience_keeps_the_best_epoch_and_stops_after_it_by_patience() -> None:
    rule, kept, stopped = watch({"patience": 2, "threshold": 0.0}, accuracies(0.5, 0.7, 0.6, 0.7, 0.9))
    assert (kept, stopped, rule.best_epoch) == ([1, 2], 4, 2)


def test_patience_counts_only_rises_by_the_threshold() -> None:
    _, kept, stopped = watch({"patience": 2, "threshold": 0.05}, accuracies(0.5, 0.53, 0.56, 0.57, 0.58))
    assert stopped == 5, "0.56 is the last to rise enough"
    assert kept == [1, 2, 3, 4, 5], "the best is kept, however small its rise"


def test_of_equal_accuracies_the_lower_loss_is_kept() -> None:
    rule, kept, _ = watch({"patience": 9}, [(0.5, 0.3), (0.5, 0.4), (0.5, 0.2)])
    assert (kept, rule.best_epoch) == ([1, 3], 3)


@pytest.mark.parametrize(("last", "stopped"), [(0.535, 3), (0.545, None), (0.4, 3)])
def test_stability_looks_at_the_signed_mean_rise(last: float, stopped: int | None) -> None:
    # (last - 0.5) / 3 against 0.014: 0.0117, 0.015 and a fall.
    rule, kept, found = watch({"mode": "stability", "patience": 3, "threshold": 0.014}, accuracies(0.5, 0.9, last))
    assert found == stopped
    assert (kept, rule.best_epoch) == ([1, 2, 3], 3), "the last epoch is kept"


@pytest.mark.parametrize(("first", "stopped"), [(0.876, 15), (0.874, 16)])
def test_stability_stops_the_published_run_at_epoch_15_or_one_later(first: float, stopped: int) -> None:
    values = {"mode": "stability", "patience": 15, "threshold": 5e-3}
    _, _, found = watch(values, accuracies(first, *[0.92] * 5, *[0.95] * 14))
    assert found == stopped


def test_off_keeps_the_last_epoch_and_never_stops() -> None:
    rule, _, stopped = watch({"mode": "off"}, accuracies(0.9, 0.1, 0.1))
    assert (rule.best_epoch, stopped) == (3, None)


def test_without_a_validation_part_the_last_epoch_is_kept() -> None:
    rule, kept, stopped = watch({"patience": 1}, [(None, None)] * 4)
    assert (kept, rule.best_epoch, stopped) == ([1, 2, 3, 4], 4, None)


@pytest.mark.parametrize(
    ("values", "course", "stopped"),
    [
        ({"patience": 2, "threshold": 0.25}, (0.5, 0.75, 0.75, 0.75), 4),
        ({"mode": "stability", "patience": 2, "threshold": 0.125}, (0.5, 0.75), 2),
        ({"patience": 2, "threshold": 0.0}, (0.0, 0.0, 0.0), 3),
    ],
    ids=["a rise by the threshold counts", "a mean rise of the threshold is too little", "nothing right is an accuracy too"],
)
def test_on_the_threshold(values: dict[str, Any], course: tuple[float, ...], stopped: int) -> None:
    assert watch(values, accuracies(*course, 1.0))[2] == stopped


@pytest.mark.parametrize(
    ("values", "figures", "explanation"),
    [
        (
            {"patience": 2, "threshold": 0.05},
            (0.5, 0.53, 0.56, 0.57, 0.58),
            "validation accuracy did not rise by 5 points above 56.00% in the 2 epochs after epoch 3",
        ),
        (
            {"patience": 1, "threshold": 0.0},
            (0.5, 0.56, 0.56),
            "validation accuracy did not rise above 56.00% in the epoch after epoch 2",
        ),
        (
            {"mode": "stability", "patience": 3, "threshold": 5e-3},
            (0.5, 0.90, 0.905, 0.9101),
            "validation accuracy rose by 0.337 points an epoch over the last 3 epochs, where a rise by more than 0.5 points is wanted",
        ),
        (
            {"mode": "stability", "patience": 2, "threshold": 0.01},
            (0.5, 0.48),
            "validation accuracy fell by 1 point an epoch over the last 2 epochs, where a rise by more than 1 point is wanted",
        ),
        (
            {"patience": 1, "threshold": 0.01},
            (0.999999, 1.0),
            "validation accuracy did not rise by 1 point above >99.99% in the epoch after epoch 1",
        ),
    ],
)
def test_the_rule_says_what_it_found(values: dict[str, Any], figures: tuple[float, ...], explanation: str) -> None:
    rule, _, stopped = watch(values, accuracies(*figures))
    assert stopped == len(figures)
    assert rule.explanation() == explanation


def test_a_rule_that_does_not_say_to_stop_explains_nothing() -> None:
    rule, _, _ = watch({"patience": 3}, accuracies(0.5, 0.6))
    assert rule.explanation() == ""


def test_an_epoch_of_an_ensemble_is_said_to_be_its_members() -> None:
    rule, _, _ = watch({"patience": 1}, accuracies(0.6, 0.5))
    assert rule.explanation(" of member 4").endswith("in the epoch after epoch 1 of member 4")
