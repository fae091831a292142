"""Hundreds of runs: how long they take to be listed, and from a key to what it paints, in the list, with ten runs in the charts, and
comparing them.

python -m tests.bench.runs [RUNS] [EPOCHS] [KEYS]

Through a real pseudo-terminal, but for the first line: that is the listing alone, in this process.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.events import EpochEnded
from engine.hyperparameters.configuration import replace
from engine.presets import preset
from engine.runs.index import RunIndex
from engine.runs.marks import set_mark
from engine.runs.run import Run
from tests.bench.terminal import Terminal

PAUSE = 0.05
"""Seconds between two keys, as of one held down."""
COMPARED = 10


def write_runs(root: Path, count: int, epochs: int) -> None:
    """Runs that are over, the newest ten marked."""
    for number in range(count):
        values = replace(preset("quick").hyperparameters, {"training.seed": number})
        run = Run.create(root, values, "quick", f"run-{number:04}")
        run.write_metrics([_epoch(epoch, number, epochs) for epoch in range(1, epochs + 1)])
        when = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+00:00"
        device = {"name": "CPU", "kind": "cpu", "backend": "cpu"}
        run.write_summary(state="finished", when=when, epochs=epochs, best_epoch=epochs, test_accuracy=0.9 + number / 10_000, device=device)
        set_mark(run.path, number >= count - COMPARED)
        run.close()


def _epoch(epoch: int, run: int, epochs: int) -> EpochEnded:
    loss = 0.1 + math.exp(-5 * epoch / epochs) + 0.01 * math.sin(epoch * (run + 1))
    return EpochEnded(
        epoch=epoch, learning_rate=0.01 / epoch, train_loss=loss, train_accuracy=1 - loss / 5, validation_loss=loss + 0.01,
        validation_accuracy=0.99 - loss / 5, seconds=1.0, samples_per_second=50_000.0, best_epoch=epoch,
    )  # fmt: skip


def measure_listing(root: Path) -> None:
    index = RunIndex(root)
    for what in ("listed for the first time", "again"):
        begun = time.perf_counter()
        found = index.read()
        print(f"{len(found)} runs {what}: {1000 * (time.perf_counter() - begun):.0f} ms")


def measure(terminal: Terminal, what: str, keys: int, press: bytes, painted: Callable[[int], bytes]) -> None:
    """Milliseconds of each key; ``painted`` is what the key of a number is to paint."""
    found = []
    for number in range(1, keys + 1):
        terminal.drain(PAUSE)
        begun = time.perf_counter()
        terminal.press(press)
        found.append(1000 * (terminal.until(painted(number)) - begun))
    found.sort()
    median, often, most = (found[len(found) * share // 100] for share in (50, 95, 99))
    figures = f"median {median:.1f} ms, 95th percentile {often:.1f} ms, 99th {most:.1f} ms, longest {found[-1]:.1f} ms"
    print(f"{what}: {figures} over {len(found)} keys")


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    count, epochs, keys = [*given, *(500, 300, 200)[len(given) :]]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_runs(directory / "runs", count, epochs)
        measure_listing(directory / "runs")
        with Terminal(directory, ("--device", "cpu")) as terminal:
            terminal.until(b"Welcome")
            terminal.press(b"\x1b")
            terminal.until("· mnist".encode())
            terminal.drain(2.0)
            begun = time.perf_counter()
            terminal.press(b"6")
            painted = terminal.until(f"Runs: {count:,}".encode())
            print(f"from the key to the list: {1000 * (painted - begun):.0f} ms")
            terminal.drain(1.0)
            measure(terminal, "down the list", keys, b"j", lambda number: rf"seed = {count - 1 - number}\D".encode())
            terminal.press(b"v")
            terminal.until(b"In the charts of Train")
            terminal.press(b"1")
            terminal.until(b"J run-")
            terminal.drain(2.0)
            terminal.press(b"c")
            terminal.until(f"epoch {epochs}".encode())
            terminal.drain(1.0)
            measure(terminal, "a cursor through ten curves", keys, b"h", lambda number: rf"epoch {epochs - number}\D".encode())
            terminal.press(b"\x1b")
            terminal.drain(1.0)
            measure(terminal, "their scale", keys // 10, b"L", lambda number: b"linear scale" if number % 2 else b"log scale")
            terminal.press(b"6")
            terminal.until(f"Runs: {count:,}".encode())
            terminal.drain(2.0)
            terminal.press(b"c")
            terminal.until(f"{COMPARED} runs".encode())
            terminal.drain(1.0)
            measure(terminal, "across ten runs", COMPARED - 1, b"l", lambda number: f"{'ABCDEFGHIJ'[number]} run-".encode())
            measure(terminal, "and their curves", COMPARED - 1, b"h", lambda number: f"• {'ABCDEFGHIJ'[COMPARED - 1 - number]}".encode())


if __name__ == "__main__":
    main()
