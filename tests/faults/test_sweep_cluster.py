"""A sweep on a real Dask cluster on this machine, a worker of which is killed in mid-trial. Takes about ten seconds."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Event
from engine.sweep import events
from engine.sweep.coordinator import Coordinator
from engine.sweep.error import SweepError
from tests.faults.support import PATIENCE
from tests.faults.sweep_support import request

pytest.importorskip("distributed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def cluster(directory: Path, digits: Path) -> Iterator[tuple[str, dict[str, subprocess.Popen[bytes]]]]:
    """The scheduler's address, and the two workers' processes by their addresses. Workers know the data by a directory of their own."""
    port = free_port()
    scheduler = f"tcp://127.0.0.1:{port}"
    module = [sys.executable, "-m", "distributed.cli."]

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {"DIGITS_TUI_DATASETS": str(digits), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "HOME": str(directory)}
        with (directory / f"{name}.log").open("ab") as log:
            return subprocess.Popen([*module[:2], f"{module[2]}{name}", *arguments], stdout=log, stderr=log, env=environment, cwd=directory)

    processes = [start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")]
    deadline = time.monotonic() + PATIENCE
    while not _is_open(port):
        assert time.monotonic() < deadline, "the scheduler is not there"
        time.sleep(0.05)
    workers = {}
    for _ in range(2):
        own = free_port()
        workers[f"tcp://127.0.0.1:{own}"] = start(
            "dask_worker", scheduler, "--worker-port", str(own), "--nthreads", "1", "--no-nanny", "--no-dashboard"
        )
    processes += workers.values()
    try:
        yield scheduler, workers
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def test_an_address_without_a_scheduler_is_told_at_once(tmp_path, digits_directory):
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(SweepError, match=f"no Dask scheduler answers at {address}: Connection refused"):
        Coordinator(request(tmp_path, digits_directory, executor="dask", cluster=address), lambda event: None).run()


def test_a_killed_worker_costs_nothing(tmp_path, digits_directory):
    (tmp_path / "data").symlink_to(digits_directory)
    told: list[Event] = []
    killed: list[tuple[int, str]] = []

    with cluster(tmp_path, tmp_path / "data") as (scheduler, workers):

        def listen(event: Event) -> None:
            told.append(event)
            begun = {item.trial: item.worker for item in told if isinstance(item, events.TrialStarted)}
            if isinstance(event, events.TrialEpoch) and len(begun) == 2 and not killed:
                killed.append((event.trial, begun[event.trial]))
                workers[begun[event.trial]].kill()

        asked = request(
            tmp_path / "runs",
            digits_directory,
            jobs=None,
            executor="dask",
            cluster=scheduler,
            trials=5,
            seeds=2,
            **{"training.epochs": 60, "training.batch_size": 4},
        )
        finished = Coordinator(asked, listen).run()

    [(trial, worker)] = killed
    assert [row["state"] for row in finished.rows] == ["complete"] * 5
    assert all(len(row["curve"]) == 60 for row in finished.rows)
    starts = [event for event in told if isinstance(event, events.TrialStarted) and event.trial == trial]
    assert [start.attempt for start in starts] == [1, 2] and starts[0].worker == worker != starts[1].worker
    assert sum(isinstance(event, events.TrialEnded) for event in told) == 5
    assert any(isinstance(event, events.WorkerLost) and event.worker == worker for event in told)
    assert finished.winner is not None and len(finished.winner["test_values"]) == 2
    assert json.loads(json.dumps(finished.winner)) == finished.winner
