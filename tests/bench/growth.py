"""How the time of a step grows with the width of two hidden layers and with the batch, with every plan of a device:

python -m tests.bench.growth [DEVICE] [WIDTH …] [--batches BATCH …]

Prints a Markdown table: microseconds a step, medians, and beside them the floor: the operations that the products of a step take, and
the bytes of parameters and moments that it reads and writes.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from typing import Any

from dataset import Dataset
from dataset.registry import load
from engine import benchmark, network
from engine.backend import Backend, DeviceError
from engine.benchmark import Bench, Work, plans
from engine.devices import choose, known_devices, open_backend
from engine.hyperparameters.configuration import from_plain

WIDTHS = (16, 64, 256, 1024, 4096)
BATCHES = (1, 4, 32, 256, 4096)
LONGEST = 2e12
"""Operations of a step that are still worth waiting for on a graphics processor; a CPU gets a hundredth."""


def work(width: int, batch: int) -> Work:
    values = {
        "network": {"hidden": [width, width]},
        "regularization": {"dropout": {"hidden": 0.0}},
        "learning_rate": {"initial": 1e-5, "decay": {"method": "none"}},
        "training": {"batch_size": batch, "validation_split": 0.0},
        "early_stopping": {"mode": "off"},
    }
    return Work(f"{width} {batch}", "", from_plain(values))


def floor(width: int, batch: int) -> tuple[float, float]:
    """Operations and bytes of a step: forward and both gradients; parameters and two moments, read and written."""
    shape = network.build(work(width, batch).hyperparameters.network, 784, 10)
    weights = sum(layer.inputs * layer.outputs for layer in shape.layers)
    first = shape.layers[0].inputs * shape.layers[0].outputs
    return 2.0 * batch * (3 * weights - first), 24.0 * shape.size


def rows(backend: Backend, dataset: Dataset, widths: list[int], batches: list[int]) -> Iterator[dict[str, Any]]:
    longest = LONGEST if backend.device.kind in ("discrete", "integrated") else LONGEST / 100
    for width in widths:
        for batch in batches:
            operations, size = floor(width, batch)
            if operations > longest:
                continue
            found = {"width": width, "batch": batch, "operations": operations, "bytes": size, "times": {}}
            each = work(width, batch)
            for plan in plans(backend, each, dataset):
                name = plan["name"] + (f", {plan['threads']} thread(s)" if "threads" in plan else "")
                try:
                    found["times"][name] = 1e6 * statistics.median(Bench(backend, each, dataset, plan).times()[0])
                except DeviceError as error:
                    found["times"][name] = error.message
            yield found


def shown(time: float | str | None) -> str:
    return "" if time is None else time if isinstance(time, str) else f"{time:,.0f}" if time >= 100 else f"{time:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("device", nargs="?", default="auto")
    parser.add_argument("widths", nargs="*", type=int, default=[])
    parser.add_argument("--batches", nargs="*", type=int, default=list(BATCHES))
    parser.add_argument("--seconds", type=float, default=0.1, help="of each of the five repeats")
    arguments = parser.parse_args()
    benchmark.SECONDS_A_REPEAT = arguments.seconds
    device, _ = choose(arguments.device, known_devices(arguments.device))
    backend, dataset = open_backend(device), load("mnist")
    backend.load(dataset)
    found = list(rows(backend, dataset, arguments.widths or list(WIDTHS), arguments.batches))
    names = list(dict.fromkeys(name for row in found for name in row["times"]))
    print(f"{device.name}: microseconds a step of 784-width-width-10, Adam, no regularization\n")
    print("| width | batch | MFLOP | MB | " + " | ".join(names) + " |")
    print("|---" * (4 + len(names)) + "|")
    for row in found:
        times = " | ".join(shown(row["times"].get(name)) for name in names)
        print(f"| {row['width']} | {row['batch']} | {row['operations'] / 1e6:,.1f} | {row['bytes'] / 1e6:,.2f} | {times} |", flush=True)


if __name__ == "__main__":
    main()
