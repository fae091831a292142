"""Learning rates against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.hyperparameters.optimization import LearningRate
from engine.presets import PRESETS
from engine.schedule import Schedule

PUBLISHED = [1e-2, 1e-2, 8.1e-3, 8.1e-3, 5.31e-3, 5.31e-3, 2.82e-3, 2.82e-3, 1.22e-3, 1.22e-3, 1e-3, 1e-3, 8.1e-4, 8.1e-4, 5.31e-4]
"""To three digits."""


def column(values: dict[str, Any], epochs: int, steps: int = 1) -> list[list[float]]:
    """The rates of each step of each epoch."""
    schedule = Schedule(LearningRate.model_validate(values), epochs)
    rates = []
    for _ in range(epochs):
        rates.append(list(schedule.rates(steps)))
        schedule.advance()
    return rates


def test_the_published_column() -> None:
    preset = PRESETS["readme"].hyperparameters
    schedule = Schedule(preset.learning_rate, preset.training.epochs)
    found = []
    for _ in PUBLISHED:
        rates = schedule.rates(12_000)
        assert rates.min() == rates.max()
        found.append(float(f"{rates[0]:.2e}"))
        schedule.advance()
    assert found == PUBLISHED


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ({"method": "none"}, [1, 1, 1, 1, 1]),
        ({"method": "step", "rate": 0.5}, [1, 0.5, 0.25, 0.125, 0.0625]),
        ({"method": "step", "rate": 0.5, "interval": 2}, [1, 1, 0.5, 0.5, 0.25]),
        ({"method": "exponential", "rate": 0.5}, [1, 1 / 2, 1 / 8, 1 / 64, 1 / 1024]),
        ({"method": "inverse", "rate": 1.0}, [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120]),
        ({"method": "inverse", "rate": 0.5, "interval": 3}, [1, 1, 1, 1 / 2.5, 1 / 2.5]),
    ],
)
def test_between_epochs(decay: dict[str, Any], expected: list[float]) -> None:
    found = column({"initial": 1.0, "decay": decay}, epochs=5, steps=2)
    np.testing.assert_allclose(found, [[rate, rate] for rate in expected], rtol=1e-12)


def test_a_restart_begins_the_decay_anew() -> None:
    values = {"initial": 1.0, "decay": {"method": "step", "rate": 0.5}, "restart": {"interval": 3, "value": 0.8}}
    assert [rates[0] for rates in column(values, epochs=7)] == pytest.approx([1, 0.5, 0.25, 0.8, 0.4, 0.2, 0.8])


def test_cosine_and_linear_act_every_step_and_end_at_zero() -> None:
    cosine = np.ravel(column({"initial": 2.0, "decay": {"method": "cosine"}}, epochs=2, steps=2))
    np.testing.assert_allclose(cosine, [2, 1 + math.sqrt(0.5), 1, 1 - math.sqrt(0.5)], rtol=1e-12)
    linear = np.ravel(column({"initial": 2.0, "decay": {"method": "linear"}}, epochs=2, steps=2))
    np.testing.assert_allclose(linear, [2, 1.5, 1, 0.5], rtol=1e-12)


def test_cosine_with_restarts_runs_over_the_interval() -> None:
    values = {"initial": 2.0, "decay": {"method": "cosine"}, "restart": {"interval": 2, "value": 1.0}}
    np.testing.assert_allclose(np.ravel(column(values, epochs=5)), [2, 1, 1, 0.5, 1], atol=1e-12)


def test_warmup_multiplies_whatever_the_method_gives() -> None:
    flat = np.ravel(column({"initial": 1.0, "decay": {"method": "none"}, "warmup": 1.5}, epochs=2, steps=2))
    np.testing.assert_allclose(flat, [1 / 3, 2 / 3, 1, 1], rtol=1e-12)
    linear = np.ravel(column({"initial": 1.0, "decay": {"method": "linear"}, "warmup": 1.0}, epochs=2, steps=2))
    np.testing.assert_allclose(linear, [0.5, 0.75, 0.5, 0.25], rtol=1e-12)
