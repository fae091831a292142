"""Signals to what a person started: the run is kept, the exit code is the documented one, the terminal is as it was."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.checkpoint import load_checkpoint
from engine.commands import Configure, Train
from engine.runs.index import run_directories
from engine.runs.summary import read_summary
from tests.faults.scale import FULL, scaled
from tests.faults.support import small, started

if sys.platform == "win32":
    pytest.skip("signals and terminals are POSIX", allow_module_level=True)

from tests.faults.pseudo_terminal import DASHBOARD, LEAVES_ALTERNATE_SCREEN, PATIENCE, SHOWS_CURSOR, PseudoTerminal, environment

ENDLESS = [
    "--set", "network.hidden=[12]", "--set", "training.batch_size=8", "--set", "training.epochs=100000",
    "--set", "early_stopping.mode=off", "--set", "learning_rate.decay.method=none",
]  # fmt: skip


def run_in(directory: Path) -> Path | None:
    """The only run there, once it has finished an epoch."""
    for path in run_directories(directory / "runs"):
        if read_summary(path).epochs:
            return path
    return None


def children(process: int) -> list[int]:
    if not Path("/proc").exists():
        return []
    return [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def dashboard(tmp_path: Path, digits_directory: Path, request: pytest.FixtureRequest) -> Iterator[PseudoTerminal]:
    """A dashboard that is training; its parameter says whether a signal tells it that its terminal is gone."""
    arguments = ["--device", "cpu", "--dataset", str(digits_directory), "--runs-dir", str(tmp_path / "runs"), *ENDLESS]
    state = tmp_path / "state" / "digits-tui"
    state.mkdir(parents=True)
    (state / "state.json").write_text('{"greeted": true}')
    signals = getattr(request, "param", True)
    with PseudoTerminal(DASHBOARD + arguments, environment(tmp_path), signals=signals) as terminal:
        terminal.until_drawn("Run")
        terminal.press("r")
        terminal.until(lambda: run_in(tmp_path), "an epoch is finished")
        yield terminal


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_ends_the_dashboard_in_good_order(dashboard: PseudoTerminal, tmp_path: Path, name: str, code: int) -> None:
    workers = children(dashboard.process.pid)
    dashboard.process.send_signal(getattr(signal, name))
    assert dashboard.end() == code
    assert dashboard.modes == dashboard.cooked
    assert LEAVES_ALTERNATE_SCREEN in dashboard.drawn and SHOWS_CURSOR in dashboard.drawn
    assert "Traceback" not in dashboard.text
    assert not [worker for worker in workers if is_alive(worker)]
    path = run_in(tmp_path)
    assert path is not None and read_summary(path).state == "interrupted"
    assert load_checkpoint(path)[1] == ""


@pytest.mark.parametrize("dashboard", [True, False], indirect=True, ids=["with a signal", "without one"])
def test_a_terminal_that_is_closed_ends_the_dashboard_and_its_worker(dashboard: PseudoTerminal, tmp_path: Path) -> None:
    workers = children(dashboard.process.pid)
    dashboard.hang_up()
    assert dashboard.end() == 129
    assert not [worker for worker in workers if is_alive(worker)]
    path = run_in(tmp_path)
    assert path is not None and read_summary(path).state == "interrupted"
    assert load_checkpoint(path)[1] == ""


def test_a_terminal_that_is_closed_ends_a_dashboard_that_does_nothing_and_is_not_told(tmp_path: Path) -> None:
    """As under ``make run``: the signal goes to make, which waits for the dashboard."""
    leader = "import signal, subprocess, sys; signal.signal(signal.SIGHUP, lambda *_: None); sys.exit(subprocess.call(sys.argv[1:]))"
    with PseudoTerminal([sys.executable, "-c", leader, *DASHBOARD, "--device", "cpu"], environment(tmp_path)) as terminal:
        terminal.until_drawn("ready")
        led = children(terminal.process.pid)
        try:
            terminal.hang_up()
            assert terminal.end() == 129
        finally:
            for process in filter(is_alive, led):
                os.kill(process, signal.SIGKILL)


@pytest.mark.skipif(not FULL, reason="a time, which an idle machine keeps")
@pytest.mark.parametrize("hidden", [[256, 128], [1024, 1024, 1024]], ids=["default", "wide"])
def test_a_signal_leaves_a_checkpoint_within_two_seconds(tmp_path: Path, hidden: list[int]) -> None:
    """The best of three times, from the signal to the end of the process; 25 MB a checkpoint of the wide network."""
    times = []
    for attempt in range(3):
        with started(Configure(device="cpu", dataset="mnist", runs_directory=str(tmp_path))) as worker:
            values = small(network__hidden=hidden, training__batch_size=128, training__epochs=100_000)
            worker.send(Train(hyperparameters=values, run_name=str(attempt)))
            worker.until("progress")
            begin = time.monotonic()
            worker.process.send_signal(signal.SIGTERM)
            assert worker.end() == 143
            times.append(time.monotonic() - begin)
        checkpoint, note = load_checkpoint(tmp_path / str(attempt))
        assert checkpoint.step and not note
    assert min(times) < 2, times


HANGING = """
import time
from engine import worker
from engine.backends.cpu.backend import CpuBackend

train = CpuBackend.train

def hang(self, steps):
    print("it hangs", file=__import__("sys").stderr, flush=True)
    time.sleep(1e6)

CpuBackend.train = hang
worker.main()
"""


def train(directory: Path, dataset: Path, *arguments: str) -> subprocess.Popen[str]:
    options = ["--device", "cpu", "--dataset", str(dataset), "--runs-dir", str(directory / "runs"), *ENDLESS, *arguments]
    command = [*DASHBOARD, "train", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(directory))


def until(predicate: Callable[[], object], description: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not predicate():
        assert time.monotonic() < deadline, f"in vain: {description}"
        time.sleep(0.02)


def test_a_second_interrupt_ends_a_training_that_hangs_and_leaves_what_was_written(tmp_path: Path, digits_directory: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(HANGING)
    with train(tmp_path, digits_directory, "--worker", shlex.join([sys.executable, "-P", str(script)]), "--name", "mine") as process:
        log = tmp_path / "state" / "digits-tui" / "log" / "worker.log"
        until(lambda: log.exists() and "it hangs" in log.read_text(), "the worker hangs")
        workers = children(process.pid)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not [worker for worker in workers if is_alive(worker)]
    assert load_checkpoint(tmp_path / "runs" / "mine")[0].epoch == 0
    assert read_summary(tmp_path / "runs" / "mine").state == "interrupted"


def test_a_second_interrupt_at_any_moment_leaves_a_run_to_go_on_with(tmp_path: Path, digits_directory: Path) -> None:
    with train(tmp_path, digits_directory, "--name", "mine") as process:
        until(lambda: run_in(tmp_path), "an epoch is finished")
        for _ in range(2):
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert load_checkpoint(tmp_path / "runs" / "mine")[0].epoch >= 1


def test_a_training_that_is_stopped_for_a_while_goes_on(tmp_path: Path, digits_directory: Path) -> None:
    with train(tmp_path, digits_directory, "--name", "mine") as process:
        until(lambda: run_in(tmp_path), "an epoch is finished")
        [worker] = children(process.pid) or [process.pid]
        os.kill(worker, signal.SIGSTOP)
        time.sleep(scaled(0.3, 60.0))
        os.kill(worker, signal.SIGCONT)
        before = read_summary(tmp_path / "runs" / "mine").epochs
        until(lambda: read_summary(tmp_path / "runs" / "mine").epochs > before, "another epoch is finished")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
