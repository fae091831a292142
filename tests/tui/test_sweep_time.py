"""What a sweep will still take, and the chart of its best so far."""

from __future__ import annotations

from typing import Any

import pytest

from engine.events import Event
from engine.sweep import events
from tui.sweep.time_left import expected_seed_runs, seconds_left
from tui.sweep.view import SweepPhase, SweepView
from tui.widgets.sweep_results import best_so_far


def started(**changes: Any) -> events.SweepStarted:
    facts: dict[str, Any] = {"hyperparameters": {}, "dataset": {}, "sampler": "tpe", "pruner": "off", "seed": 0, "executor": "processes"}
    budget: dict[str, Any] = {"trials": 10, "minutes": None, **changes}
    return events.SweepStarted(sweep="a", study="", directory="", space={}, rows=[], notes=[], **facts, **budget)


def ended(trial: int, seconds: float, state: str = "complete") -> events.TrialEnded:
    row = {"trial": trial, "state": state, "parameters": {}, "value": 0.9, "curve": [0.9], "seconds": seconds}
    return events.TrialEnded(trial=trial, row=row)


def after(*told: tuple[float, Event], seeds: int = 5) -> SweepView:
    """A sweep after events at their times."""
    sweep = SweepView("a", SweepPhase.STARTING, top=2, seeds=seeds)
    for time, event in told:
        object.__setattr__(event, "time", time)
        sweep.take(event)
    return sweep


def seed_ended(done: int) -> events.SeedEnded:
    return events.SeedEnded(trial=0, seed=done, value=0.9, reason="", done=done, total=10)


def test_the_trainings_of_the_best_belong_to_the_time_left() -> None:
    assert seconds_left(after((100, started()))) is None, "there is no basis yet"
    two = (100, started()), (110, ended(0, 8)), (120, ended(1, 2, "pruned"))
    # Two trials took 20 s, their training 10 s of it: 80 s for eight more, and 16 s for each of ten trainings like trial 0.
    assert seconds_left(after(*two)) == pytest.approx(80 + 160)
    assert seconds_left(after(*two, seeds=0)) == pytest.approx(80)
    assert seconds_left(after(two[0], (110, ended(0, 2, "pruned")))) is None, "no trial is complete yet"


def test_the_trainings_of_the_best_have_a_time_left_of_their_own() -> None:
    begun = (100, started()), (110, ended(0, 8)), (120, events.SeedsStarted(total=10))
    assert seconds_left(after(*begun)) == pytest.approx(200), "judged by the trials"
    assert seconds_left(after(*begun, (150, seed_ended(1)))) == pytest.approx(9 * 30)
    assert seconds_left(after(*begun, (150, seed_ended(7)))) == pytest.approx(3 * 30), "six were done in an earlier part"


def test_a_budget_of_minutes_has_an_end_too() -> None:
    limited = after((100, started(trials=None, minutes=2.0)), (130, ended(0, 30)), seeds=1)
    assert seconds_left(limited) == pytest.approx(90 + 2 * 30) and expected_seed_runs(limited) == 2
    assert expected_seed_runs(after((0, started(trials=1)))) == 5, "there are not more trials than that"


def test_all_trials_are_drawn_at_their_numbers_but_those_far_below() -> None:
    history: list[tuple[int, float | None]] = [(1, 0.972), (0, 0.97), (2, None), (3, 0.98), (4, 0.965)]
    (best, trials), below = best_so_far(history)
    assert [round(x) for x, _ in trials.points] == [0, 1, 3, 4] and not below
    assert best.points[0] == (0, 97.0) and best.points[-1] == (4, 98.0)
    (_, trials), below = best_so_far([*history, (5, 0.3)])
    assert len(trials.points) == 4 and below == 1
    assert best_so_far([]) == ([], 0)
