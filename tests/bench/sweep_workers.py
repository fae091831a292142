"""Trials an hour with one CPU worker and with two, on short trials of MNIST, once all workers are ready.

python -m tests.bench.sweep_workers [TRIALS]
"""

from __future__ import annotations

import sys
import tempfile

from engine.events import Event
from engine.hyperparameters.configuration import from_plain, plain
from engine.sweep.coordinator import Coordinator
from engine.sweep.events import TrialEnded, WorkerReady
from engine.sweep.request import Request

WORK = {"network": {"hidden": [16, 16]}, "training": {"epochs": 2, "batch_size": 32}, "early_stopping": {"mode": "off"}}


def rate(jobs: int, trials: int) -> float:
    """Trials a second."""
    ready, ended = 0, []

    def listen(event: Event) -> None:
        nonlocal ready
        ready += isinstance(event, WorkerReady)
        if isinstance(event, TrialEnded) and ready == jobs:
            ended.append(event.time)

    with tempfile.TemporaryDirectory() as directory:
        request = Request(
            runs_directory=directory,
            trials=trials,
            vary=["learning_rate.initial", "regularization.weights.l2"],
            seeds=0,
            pruner="off",
            device="cpu",
            jobs=jobs,
            hyperparameters=plain(from_plain(WORK)),
        )
        Coordinator(request, listen).run()
    return (len(ended) - 1) / (ended[-1] - ended[0])


if __name__ == "__main__":
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    one, two = rate(1, trials), rate(2, trials)
    print(f"one worker {3600 * one:,.0f} trials an hour, two {3600 * two:,.0f}: {two / one:.2f} times as many")
