"""How often a run is saved."""

from __future__ import annotations

import pytest

from engine.runs import recorder
from engine.runs.recorder import Pace


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    monkeypatch.setattr(recorder, "TRAINING_TO_SAVING", 30)
    return clock


@pytest.mark.parametrize(("seconds", "wait"), [(0.1, 3.0), (1.0, 30.0), (2.5, 60.0), (6.0, 120.0)])
def test_what_takes_long_is_done_once_a_minute_or_for_a_twentieth_of_the_time(clock: Clock, seconds: float, wait: float) -> None:
    pace = Pace()
    assert pace.is_due, "the first time is not waited for"
    pace.took(seconds)
    assert pace.is_due, "the first time may have taken long for other reasons"
    pace.took(seconds)
    clock.now += wait - 0.01
    assert not pace.is_due
    clock.now += 0.02
    assert pace.is_due


def test_a_stop_in_the_middle_does_not_keep_from_saving(clock: Clock) -> None:
    pace = Pace()
    for seconds in (0.1, 0.1, 3600.0):
        pace.took(seconds)
    clock.now += 3.1
    assert pace.is_due
