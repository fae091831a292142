"""From the shell to the first paint: until the footer's Run key is drawn.

python -m tests.bench.first_paint [STARTS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.terminal import Terminal

RUN_KEY = rb"r Run"


def start(directory: Path) -> float:
    """Seconds."""
    with Terminal(directory) as terminal:
        return terminal.until(RUN_KEY) - terminal.begun


def main() -> None:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as directory:
        start(Path(directory))
        seconds = sorted(start(Path(directory)) for _ in range(starts))
    print(f"first paint over {starts} warm starts: median {statistics.median(seconds):.3f} s, {seconds[0]:.3f} to {seconds[-1]:.3f} s")


if __name__ == "__main__":
    main()
