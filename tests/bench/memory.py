"""The dashboard's resident set after an hour's worth of events from a scripted worker, sent in a minute.

python -m tests.bench.memory [EPOCHS] [SECONDS]

An hour is 900 epochs of four seconds, each with 40 reports of progress, an evaluation's worth of figures and a snapshot.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.terminal import Terminal

REPORTS = 40
SAMPLES = 10


def main() -> None:
    epochs, seconds = (int(given) for given in (*sys.argv[1:], *("900", "60")[len(sys.argv) - 1 :]))
    worker = shlex.join([sys.executable, "-m", "tests.bench.busy_worker", str(REPORTS), str(seconds / (epochs * REPORTS))])
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.joinpath("state", "digits-tui").mkdir(parents=True)
        directory.joinpath("state", "digits-tui", "state.json").write_text(json.dumps({"greeted": True}))
        with Terminal(directory, ("--worker", worker, "--set", f"training.epochs={epochs}")) as terminal:
            terminal.until("· mnist".encode())
            for mode in (b"2", b"3", b"1"):
                terminal.press(mode)
                terminal.drain(2.0)
            print(f"before: {resident(terminal.pid):.0f} MB")
            terminal.press(b"r")
            begun = time.perf_counter()
            for sample in range(1, SAMPLES + 1):
                terminal.drain(begun + seconds * sample / SAMPLES - time.perf_counter())
                print(f"after {sample * 60 // SAMPLES} minutes' worth: {resident(terminal.pid):.0f} MB", flush=True)
            terminal.press(b"1")
            terminal.until(b"saved as")
            terminal.drain(8.0)
            print(f"after the end: {resident(terminal.pid):.0f} MB")


def resident(process: int) -> float:
    """Megabytes of a process, without its children."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000


if __name__ == "__main__":
    main()
