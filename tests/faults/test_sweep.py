"""Sweeps whose coordinator is killed, and what is left in the study then.

The short form of what ``DIGITS_TUI_SWEEP_KILLS`` and ``DIGITS_TUI_SWEEP_TRIALS`` make longer.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from engine import commands
from engine.storage.lock import Lock
from engine.sweep import events
from engine.sweep.error import SweepError
from engine.sweep.executors import worker_process
from tests.faults.scale import scaled
from tests.faults.sweep_support import Process, request, run

KILLS = int(os.environ.get("DIGITS_TUI_SWEEP_KILLS", scaled(2, 50)))
TRIALS = int(os.environ.get("DIGITS_TUI_SWEEP_TRIALS", scaled(8, 400)))


def states(study: Path) -> Counter[str]:
    with sqlite3.connect(study) as connection:
        found = Counter(state for (state,) in connection.execute("SELECT state FROM trials"))
    connection.close()
    return found


def test_a_coordinator_may_be_killed_at_any_moment(tmp_path, digits_directory):
    asked = request(tmp_path, digits_directory, trials=TRIALS, jobs=2)
    generator = random.Random(1)
    best = -1.0
    for kill in range(KILLS):
        process = Process(asked)
        started = process.until("sweep_started")
        values = [row["value"] for row in started["rows"] if row["state"] == "complete"]
        assert max(values, default=-1.0) >= best
        best = max(values, default=-1.0)
        wanted = max(1, (TRIALS - len(values)) // (2 * (KILLS - kill)))  # some more end before the kill
        for _ in range(wanted):
            best = max(best, process.until("trial_ended")["row"]["value"])
        time.sleep(generator.random() * 0.05)
        process.kill()
    process = Process(asked)
    assert process.until("sweep_finished")["reason"] == "trials"
    assert process.end()[0] == 0
    assert states(tmp_path / "sweeps" / "tiny.db") == {"COMPLETE": TRIALS}
    finished, _ = run(asked)
    assert sorted(row["trial"] for row in finished.rows) == list(range(TRIALS))
    assert finished.rows[0]["value"] >= best
    assert all(len(row["curve"]) == 3 for row in finished.rows)


def test_a_trial_that_diverges_fails_with_its_reason(tmp_path, digits_directory):
    exploding = {"optimizer.name": "sgd", "network.activation": "relu", "network.loss": "squared_error"}
    asked = request(tmp_path, digits_directory, trials=4, vary=["learning_rate.initial=1e-3|1e30"], **exploding)
    finished, _ = run(asked)
    for row in finished.rows:
        if row["parameters"]["learning_rate.initial"] == 1e30:
            assert row["state"] == "failed" and row["value"] is None and "diverged" in row["reason"]
        else:
            assert row["state"] == "complete"
    assert len({row["state"] for row in finished.rows}) == 2


def test_a_study_has_one_coordinator(tmp_path, digits_directory):
    (tmp_path / "sweeps").mkdir()
    lock = Lock(tmp_path / "sweeps" / ".tiny.lock")
    with pytest.raises(SweepError, match="in use by another process"):
        run(request(tmp_path, digits_directory))
    lock.release()
    run(request(tmp_path, digits_directory, trials=1))


def test_a_late_stop_ends_no_other_job(tmp_path, digits_directory, monkeypatch):
    """Every job is told to stop when the next one has begun."""
    send = worker_process.WorkerProcess.send

    def late(worker, command):
        send(worker, command)
        if isinstance(command, commands.TrainJob):
            send(worker, commands.StopJob(job=command.job - 1))

    monkeypatch.setattr(worker_process.WorkerProcess, "send", late)
    finished, _ = run(request(tmp_path, digits_directory, trials=4))
    assert [len(row["curve"]) for row in finished.rows] == [3] * 4


def test_pause_resume_and_stop_from_outside(tmp_path, digits_directory):
    asked = request(tmp_path, digits_directory, trials=1000)
    process = Process(asked)
    process.until("trial_ended")
    process.command("pause")
    process.until("paused")
    process.command("resume")
    process.until("resumed")
    process.until("trial_ended")
    process.command("stop")
    finished = process.until("sweep_finished")
    assert finished["reason"] == "stopped" and finished["winner"] is None
    assert process.end()[0] == 0
    assert not states(tmp_path / "sweeps" / "tiny.db")["RUNNING"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_stops_the_sweep_and_leaves_no_worker(tmp_path, digits_directory):
    process = Process(request(tmp_path, digits_directory, trials=1000, jobs=2))
    process.until("trial_ended")
    process.process.send_signal(signal.SIGTERM)
    process.until("sweep_finished")
    assert process.end()[0] == 0


LIMITED = (
    "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (%d,) * 2); runpy.run_module('engine.sweep', run_name='__main__')"
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_full_disk_ends_the_sweep_and_spares_the_study(tmp_path, digits_directory):
    """A limit on the size of files is as good as a full disk to SQLite."""
    asked = request(tmp_path, digits_directory, trials=200)
    process = Process(asked, ["-P", "-c", LIMITED % 300_000])
    failed = process.until("failed")
    code, _ = process.end()
    assert (code, failed["kind"]) == (1, "file") and str(tmp_path / "sweeps" / "tiny.db") in failed["message"]
    done = states(tmp_path / "sweeps" / "tiny.db")["COMPLETE"]
    assert 1 < done < 200
    finished, told = run(request(tmp_path, digits_directory, trials=done + 2))
    assert [row["state"] for row in finished.rows] == ["complete"] * (done + 2)
    assert isinstance(told[0], events.SweepStarted) and len(told[0].rows) >= done
