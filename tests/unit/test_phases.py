"""Every second of a run counts once."""

from __future__ import annotations

import pytest

from engine.runs.phases import Phase, Phases


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_within_another_phase_is_not_counted_for_that() -> None:
    clock = Clock()
    phases = Phases({"training": 5.0}, clock)
    clock.now += 1
    with phases.within(Phase.TRAINING):
        clock.now += 2
        with phases.within(Phase.SAVING):
            clock.now += 4
        clock.now += 8
    clock.now += 16
    assert phases.seconds() == {"training": 15.0, "saving": 4.0, "other": 17.0}
    assert phases.seconds() == {"training": 15.0, "saving": 4.0, "other": 17.0}


def test_a_phase_ends_with_an_error_too() -> None:
    clock = Clock()
    phases = Phases(clock=clock)
    with pytest.raises(OSError), phases.within(Phase.SAVING):
        clock.now += 1
        raise OSError
    clock.now += 2
    assert phases.seconds() == {"saving": 1.0, "other": 2.0}
