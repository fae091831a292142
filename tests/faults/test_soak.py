"""For long, and again and again: memory, descriptors and processes stay as they were."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from engine import devices
from engine.backends.cpu.backend import cpu_device
from engine.commands import Configure, Train
from tests.adapters import adapter
from tests.engine.support import DATA, hyperparameters, prepare, random_state, run_steps, train
from tests.faults.scale import scaled
from tests.faults.support import small, started

if not Path("/proc/self/fd").exists():
    pytest.skip("only Linux tells what a process holds", allow_module_level=True)

from tests.faults.pseudo_terminal import DASHBOARD, PseudoTerminal, environment
from tests.faults.test_signals import children, is_alive

SECONDS = float(os.environ.get("DIGITS_TUI_SOAK_SECONDS", scaled(3, 3600)))
"""How long the dashboard is soaked."""
CYCLES = scaled(8, 1000)
TRAINED = hyperparameters({})
MEBIBYTE = 2**20
SLACK = 12 * MEBIBYTE
"""What a process may grow by when it has warmed up, however long it lives: allocators do not give everything back."""
AN_EPOCH = 3_000
"""Bytes that a run's every epoch may take for good: it is drawn, listed and compared."""


def resident(process: int) -> int:
    """Bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


class Watch:
    """Looks at processes again and again; the first half of what it sees is warming up."""

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._seen: list[list[tuple[int, int]]] = [[] for _ in processes]

    def __str__(self) -> str:
        return "; ".join(
            f"process {process}: {seen[len(seen) // 2]} to {seen[-1]}" for process, seen in zip(self._processes, self._seen, strict=True)
        )

    def look(self) -> None:
        for process, seen in zip(self._processes, self._seen, strict=True):
            seen.append((resident(process), descriptors(process)))

    def assert_flat(self, allowed: int) -> None:
        """Medians of the third quarter and the fourth."""
        for process, seen in zip(self._processes, self._seen, strict=True):
            quarter = len(seen) // 4
            thirds, fourths = (list(zip(*part, strict=True)) for part in (seen[-2 * quarter : -quarter], seen[-quarter:]))
            for name, before, after, more in zip(("bytes", "descriptors"), thirds, fourths, (allowed, 0), strict=True):
                grown = statistics.median(after) - statistics.median(before)
                assert grown <= more, f"process {process} grew by {grown:,} {name}, from {seen[0]} to {seen[-1]}"


@pytest.fixture(params=["cpu", "wgpu"])
def open_backend(request: pytest.FixtureRequest) -> Callable[[], devices.Backend]:
    device = adapter() if request.param == "wgpu" else cpu_device()
    return lambda: devices.open_backend(device)


def test_devices_that_are_opened_trained_on_and_closed_leave_nothing(open_backend: Callable[[], devices.Backend]) -> None:
    watch, before = Watch(os.getpid()), random_state(TRAINED)
    [(order, steps)] = run_steps(TRAINED)
    for _ in range(CYCLES):
        backend = open_backend()
        backend.load(DATA)
        prepare(backend, TRAINED, before)
        train(backend, order, steps[:1])
        assert backend.tally().samples
        backend.close()
        watch.look()
    watch.assert_flat(SLACK)


def test_runs_of_one_worker_leave_nothing_behind(tmp_path: Path, digits_directory: Path) -> None:
    with started(Configure(device="cpu", dataset=str(digits_directory), runs_directory=str(tmp_path))) as worker:
        watch = Watch(worker.process.pid)
        for _ in range(CYCLES):
            worker.send(Train(hyperparameters=small(training__epochs=1)))
            worker.until("finished")
            watch.look()
        watch.assert_flat(SLACK)


@pytest.fixture
def soaked(tmp_path: Path) -> Iterator[PseudoTerminal]:
    """A dashboard that trains on the shipped digits without end."""
    state = tmp_path / "state" / "digits-tui"
    state.mkdir(parents=True)
    (state / "state.json").write_text('{"greeted": true}')
    endless = ["--preset", "quick", "--set", "training.epochs=100000", "--set", "early_stopping.mode=off"]
    with PseudoTerminal([*DASHBOARD, "--device", "cpu", "--runs-dir", str(tmp_path / "runs"), *endless], environment(tmp_path)) as terminal:
        terminal.until_drawn("· mnist")
        terminal.press("r")
        terminal.until(lambda: list(tmp_path.glob("runs/*/checkpoint.safetensors")), "it trains")
        yield terminal


def test_a_dashboard_that_trains_for_long_stays_as_it_was(soaked: PseudoTerminal, tmp_path: Path) -> None:
    workers = children(soaked.process.pid)
    watch = Watch(soaked.process.pid, *workers)
    end, keys = time.monotonic() + SECONDS, cycle("2j3j1j6j1")
    while time.monotonic() < end:
        soaked.press(next(keys))
        time.sleep(max(0.2, SECONDS / 400))
        code = soaked.process.poll()
        assert code is None, f"the dashboard ended with {code} after {SECONDS - end + time.monotonic():.0f} s: {soaked.text[-2000:]}"
        assert children(soaked.process.pid) == workers, soaked.text[-2000:]
        watch.look()
        soaked.drawn = soaked.drawn[-100_000:]
    epochs = sum(len(path.read_text().splitlines()) for path in tmp_path.glob("runs/*/metrics.csv"))
    watch.assert_flat(SLACK + AN_EPOCH * epochs)
    print(f"{epochs} epochs:", watch)
    soaked.process.terminate()
    assert soaked.end() == 143
    assert "Traceback" not in soaked.text
    assert not [worker for worker in workers if is_alive(worker)]
