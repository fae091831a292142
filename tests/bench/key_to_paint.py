"""From a key to what it paints, through a real pseudo-terminal: idle, and while a worker trains at full speed.

python -m tests.bench.key_to_paint [KEYS] [DEVICE]

The key goes to the next digit; what it paints is the digit's number.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.bench.terminal import Terminal

TRAINING = ("--preset", "default", "--set", "training.epochs=10000", "--set", 'early_stopping.mode="off"')
PAUSE = 0.05
"""Seconds between two keys, as of one held down."""


def measure(terminal: Terminal, first: int, keys: int) -> list[float]:
    """Milliseconds of each key, in rising order, from the digit number ``first`` on."""
    found = []
    for number in range(first + 1, first + keys + 1):
        terminal.drain(PAUSE)
        begun = time.perf_counter()
        terminal.press(b"l")
        found.append(1000 * (terminal.until(f"{number:,} of 10,000".encode()) - begun))
    return sorted(found)


def report(what: str, found: list[float]) -> None:
    median, most = found[len(found) // 2], found[len(found) * 99 // 100]
    print(f"{what}: median {median:.1f} ms, 99th percentile {most:.1f} ms, longest {found[-1]:.1f} ms over {len(found)} keys")


def main() -> None:
    keys, device = int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2] if len(sys.argv) > 2 else "cpu"
    with tempfile.TemporaryDirectory() as directory, Terminal(Path(directory), ("--device", device, *TRAINING)) as terminal:
        terminal.until(b"Welcome")
        terminal.press(b"\x1b")
        terminal.until("· mnist".encode())
        terminal.drain(1.0)
        terminal.press(b"2")
        terminal.until(b"1 of 10,000")
        terminal.drain(2.0)
        report("idle", measure(terminal, 1, keys))
        terminal.press(b"1")
        terminal.drain(1.0)
        terminal.press(b"r")
        terminal.until(rb"\[02\] LR")
        terminal.press(b"2")
        terminal.until(f"{keys + 1:,} of 10,000".encode())
        terminal.drain(2.0)
        report("while training", measure(terminal, keys + 1, keys))


if __name__ == "__main__":
    main()
