"""What the dashboard costs training: the same run without a terminal and in the dashboard, in both orders.

python -m tests.bench.overhead [PAIRS] [EPOCHS] [DEVICE]

Samples a second over all epochs but the first two, from metrics.csv.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.runs.metrics import read_metrics
from tests.bench.terminal import PROGRAM, Terminal


def values(epochs: int) -> list[str]:
    return ["--preset", "default", "--set", f"training.epochs={epochs}", "--set", 'early_stopping.mode="off"']


def headless(directory: Path, epochs: int, device: str) -> float:
    runs = directory / "runs"
    command = [str(PROGRAM), "train", "--device", device, "--runs-dir", str(runs), *values(epochs)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return rate(newest(runs))


def in_dashboard(directory: Path, epochs: int, device: str) -> float:
    directory.joinpath("state", "digits-tui").mkdir(parents=True, exist_ok=True)
    directory.joinpath("state", "digits-tui", "state.json").write_text(json.dumps({"greeted": True}))
    with Terminal(directory, ("--device", device, *values(epochs))) as terminal:
        terminal.until("· mnist".encode())
        terminal.drain(2.0)
        terminal.press(b"r")
        terminal.until(b"saved as")
    return rate(newest(directory / "runs"))


def newest(runs: Path) -> Path:
    return max((path for path in runs.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)


def rate(run: Path) -> float:
    """Samples a second."""
    return statistics.median(epoch.samples_per_second for epoch in read_metrics(run)[2:])


def main() -> None:
    defaults = ("4", "20", "cpu")
    pairs, epochs, device = (*sys.argv[1:], *defaults[len(sys.argv) - 1 :])
    without, within = [], []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for pair in range(int(pairs)):
            order = (headless, in_dashboard) if pair % 2 == 0 else (in_dashboard, headless)
            found = {measure: measure(directory, int(epochs), device) for measure in order}
            without.append(found[headless])
            within.append(found[in_dashboard])
    cost = statistics.median(1 - inside / outside for inside, outside in zip(within, without, strict=True))
    print(f"samples a second over {pairs} pairs, {epochs} epochs, {device}:")
    print(f"headless {statistics.median(without):,.0f}, in the dashboard {statistics.median(within):,.0f}: it costs {cost:.1%}")


if __name__ == "__main__":
    main()
