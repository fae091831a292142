"""From a stroke of the mouse to the prediction on screen, through a real pseudo-terminal: idle, and while a worker trains at full speed.

python -m tests.bench.draw [STROKES] [DEVICE]

Lines and rings in turn, each on an empty canvas, with pauses between the events as a hand makes them. What is measured is from the last
movement to the probabilities that it changes.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.key_to_paint import PAUSE, TRAINING
from tests.bench.terminal import Terminal

MIDDLE = (38, 20)
"""Column and row of the canvas' middle, in a terminal of 120 by 40."""
LINE = [(MIDDLE[0], row) for row in range(8, 33, 3)]
RING = [(MIDDLE[0] + round(15 * math.sin(step / 3)), MIDDLE[1] - round(11 * math.cos(step / 3))) for step in range(20)]


INTERVAL = 0.008
"""Seconds between two events of a mouse."""


def mouse(points: list[tuple[int, int]]) -> list[bytes]:
    """What a terminal sends while the left button is held down along cells, event by event (SGR 1006)."""
    presses = [f"\x1b[<{0 if place == 0 else 32};{column};{row}M".encode() for place, (column, row) in enumerate(points)]
    return [*presses, "\x1b[<0;{};{}m".format(*points[-1]).encode()]


def measure(terminal: Terminal, strokes: int) -> list[float]:
    """Milliseconds of each stroke, in rising order. The canvas is empty before each, and at the end."""
    found = []
    for number in range(strokes):
        *events, last, release = mouse((LINE, RING)[number % 2])
        for event in events:
            terminal.press(event)
            terminal.drain(INTERVAL)
        terminal.drain(2 * PAUSE)
        begun = time.perf_counter()
        terminal.press(last + release)
        found.append(1000 * (terminal.until(rb"\d%") - begun))
        terminal.drain(PAUSE)
        terminal.press(b"C")
        terminal.until(b"Nothing drawn")
    return sorted(found)


def report(what: str, found: list[float]) -> None:
    median, most = found[len(found) // 2], found[len(found) * 95 // 100]
    print(f"{what}: median {median:.1f} ms, 95th percentile {most:.1f} ms, longest {found[-1]:.1f} ms over {len(found)} strokes")


def main() -> None:
    strokes, device = int(sys.argv[1]) if len(sys.argv) > 1 else 200, sys.argv[2] if len(sys.argv) > 2 else "cpu"
    with tempfile.TemporaryDirectory() as directory, Terminal(Path(directory), ("--device", device, *TRAINING)) as terminal:
        terminal.until(b"Welcome")
        terminal.press(b"\x1b")
        terminal.until("· mnist".encode())
        terminal.drain(1.0)
        terminal.press(b"r")
        terminal.until(rb"\[03\] LR")
        terminal.press(b"5")
        terminal.until(b"Draw with the mouse")
        terminal.drain(2.0)
        report("while training", measure(terminal, strokes))
        terminal.press(b"1")
        terminal.drain(1.0)
        terminal.press(b"x")
        terminal.until(b"aborted|stopped|interrupted|press r|Press r")
        terminal.press(b"5")
        terminal.drain(3.0)
        report("idle", measure(terminal, strokes))


if __name__ == "__main__":
    main()
