"""Sweeps whose workers are killed at each message: every trial ends once, a lost one is tried once more, and one that kills twice fails."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from dataset import registry
from engine.events import Event
from engine.sweep import events
from engine.sweep.coordinator import Coordinator
from engine.sweep.error import SweepError
from engine.sweep.executor import MOST_LOSSES
from tests.faults.dying_worker import EPOCHS
from tests.faults.sweep_support import request

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
DYING_WORKER = Path(__file__).with_name("dying_worker.py")
IN_A_JOB = ("ready", "job", *(f"epoch {epoch}" for epoch in range(1, EPOCHS + 1)))
"""Messages at which the first trial is lost: with ``ready`` it has been sent too."""
TRIALS = 3


class Killed:
    """A sweep whose workers die so many times at a message."""

    def __init__(self, root: Path, digits: Path, executor: str, boundary: str, deaths: int) -> None:
        self.told: list[Event] = []
        self._study = root / "sweeps" / "tiny.db"
        lives = root / "lives"
        lives.write_text("\n".join(["once more"] * deaths))
        command = [sys.executable, "-I", "-S", str(DYING_WORKER), str(lives), boundary, registry.load(str(digits)).fingerprint]
        self._request = request(
            root, digits, executor=executor, worker=command, trials=TRIALS, jobs=TRIALS if executor == "population" else 1
        )

    def run(self) -> events.SweepFinished:
        finished = Coordinator(self._request, self.told.append).run()
        self._check(finished)
        return finished

    def _check(self, finished: events.SweepFinished) -> None:
        """What is so whenever a worker dies."""
        assert sorted(row["trial"] for row in finished.rows) == list(range(TRIALS))
        assert Counter(self.of(events.TrialEnded)) == dict.fromkeys(range(TRIALS), 1)
        for row in finished.rows:
            assert row["state"] == "failed" or (row["curve"], row["value"]) == ((0.1, 0.2, 0.3), 0.3)
            attempts = self.epochs(row["trial"])
            assert all(epochs == list(range(1, len(epochs) + 1)) for epochs in attempts), "no epoch is told twice"
            assert len(attempts) <= MOST_LOSSES
        with sqlite3.connect(self._study) as connection:
            stored = Counter(state for (state,) in connection.execute("SELECT state FROM trials"))
            values = dict(connection.execute("SELECT trial_id, COUNT(*) FROM trial_intermediate_values GROUP BY trial_id"))
        connection.close()
        assert stored == Counter({"complete": "COMPLETE", "failed": "FAIL"}[row["state"]] for row in finished.rows)
        assert all(count <= EPOCHS for count in values.values())

    def of(self, kind: type[Event]) -> list[int]:
        """The trials of the events of a kind."""
        return [event.trial for event in self.told if isinstance(event, kind)]  # type: ignore[attr-defined]

    def epochs(self, trial: int) -> list[list[int]]:
        """The epochs that each attempt has told of."""
        attempts: list[list[int]] = []
        for event in self.told:
            match event:
                case events.TrialStarted() if event.trial == trial:
                    attempts.append([])
                    assert event.attempt == len(attempts)
                case events.TrialEpoch() if event.trial == trial:
                    attempts[-1].append(event.epoch)
        return attempts

    @property
    def lost_workers(self) -> int:
        return sum(isinstance(event, events.WorkerLost) for event in self.told)


@pytest.fixture
def killed(tmp_path, digits_directory, request):
    return Killed(tmp_path, digits_directory, *request.param)


def cases(executor: str, *boundaries: str, deaths: int) -> list[object]:
    return [pytest.param((executor, boundary, deaths), id=f"{executor}-{boundary}") for boundary in boundaries]


@pytest.mark.parametrize(
    "killed",
    [
        *cases("processes", "configure", *IN_A_JOB, "ended", deaths=1),
        *cases("population", "job", "epoch 1", "ended", deaths=1),
    ],
    indirect=True,
)
def test_a_worker_that_dies_costs_no_trial(killed):
    finished = killed.run()
    assert [row["state"] for row in finished.rows] == ["complete"] * TRIALS
    assert killed.lost_workers == 1


@pytest.mark.parametrize(
    "killed", [*cases("processes", *IN_A_JOB, deaths=2), *cases("population", "job", "epoch 3", deaths=2)], indirect=True
)
def test_a_trial_that_kills_two_workers_is_given_up_and_no_other(killed):
    finished = killed.run()
    assert [row["state"] for row in finished.rows] == ["complete", "complete", "failed"]
    failed = finished.rows[-1]
    assert failed["trial"] == 0 and failed["reason"] == "2 workers died of it: the worker ended unexpectedly by signal 9"
    assert len(killed.epochs(0)) == killed.lost_workers == 2


@pytest.mark.parametrize("killed", cases("processes", "configure", deaths=2), indirect=True)
def test_workers_that_never_get_ready_end_the_sweep(killed):
    with pytest.raises(SweepError, match="the worker ended unexpectedly by signal 9"):
        killed.run()
