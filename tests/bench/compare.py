"""Us and the peers in one run.

python -m tests.bench.compare [--torch PYTHON] [--device DEVICE] [S M L]

``--torch`` names a Python with PyTorch, in an environment of its own. Prints microseconds a step, medians, and the ratio to our
fastest plan on each device.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dataset.registry import load

PEERS = Path(__file__).parent / "peers"


def lines(command: list[str]) -> Iterator[dict[str, Any]]:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
    for line in done.stdout.splitlines():
        yield json.loads(line)


def ours(works: list[str], device: str | None) -> list[dict[str, Any]]:
    chosen = [argument for work in works for argument in ("--work", work)] + (["--device", device] if device else [])
    done = subprocess.run([sys.executable, "-m", "tui.cli", "bench", "--json", *chosen], capture_output=True, text=True)
    print(done.stderr, file=sys.stderr, end="")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def plan(row: dict[str, Any]) -> str:
    plan = row["plan"]
    return plan["name"] + next((f", {plan[what]} {what}" for what in ("threads", "members") if what in plan), "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare", description=__doc__)
    parser.add_argument("--torch")
    parser.add_argument("--device")
    parser.add_argument("works", nargs="*", default=[])
    arguments = parser.parse_args()
    works = arguments.works or ["S", "M", "L"]
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "mnist.npz"
        train = load("mnist").train
        np.savez(data, images=train.images, labels=train.labels)
        peers = list(lines([sys.executable, str(PEERS / "numpy_peer.py"), str(data), *works]))
        if arguments.torch:
            peers += lines([arguments.torch, str(PEERS / "torch_peer.py"), str(data), *works])
    measured = ours(works, arguments.device)
    for work in works:
        print(f"\n{work}")
        mine = [row for row in measured if row["work"] == work]
        for row in mine:
            print(f"  {row['microseconds']:>10,.1f} us  {plan(row)}, {row['device']}")
        for peer in (row for row in peers if row["work"] == work):
            ratios = ", ".join(f"{peer['microseconds'] / row['microseconds']:.2f}x {plan(row)}" for row in mine)
            print(f"  {peer['microseconds']:>10,.1f} us  {peer['peer']}: {ratios}")


if __name__ == "__main__":
    main()
