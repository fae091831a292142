"""What a trial costs the coordinator: a sweep whose trials take no time, and report so many epochs.

python -m tests.bench.sweep_overhead [TRIALS [EPOCHS [SAMPLER]]]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.events import Event
from engine.sweep.coordinator import Coordinator
from engine.sweep.events import TrialEnded
from engine.sweep.executor import Began, Ended, Epoch, Job, Report
from engine.sweep.executors import processes
from engine.sweep.request import Request

VARY = [
    "learning_rate.initial",
    "learning_rate.decay.method",
    "training.batch_size",
    "regularization.dropout.hidden",
    "regularization.weights.l2",
    "network.activation",
]
EPOCHS = int(sys.argv[2]) if len(sys.argv) > 2 else 8


@dataclass
class Instant(processes.Processes):
    """Trains in no time; a trial is the better, the nearer its learning rate is to 0.01."""

    def start(self) -> None:
        pass

    @property
    def free(self) -> int:
        return 1

    def submit(self, jobs: Sequence[Job]) -> list[Report]:
        [job] = jobs
        accuracy = 1 - abs(job.hyperparameters["learning_rate"]["initial"] - 0.01)
        figures = {"learning_rate": 0.1, "train_loss": 1.0, "train_accuracy": 0.9, "validation_loss": 1.0, "seconds": 0.1}
        for epoch in range(1, EPOCHS + 1):
            self.launcher.inbox(Epoch(job.id, {"epoch": epoch, "validation_accuracy": accuracy * epoch / EPOCHS, **figures}))
        self.launcher.inbox(Ended(job.id, "epochs", EPOCHS, EPOCHS, accuracy, 1.0, 1.0, None))
        return [Began(job.id, "1")]

    def receive(self, message: Any) -> list[Report]:
        return [message]


def main() -> None:
    processes.Processes = Instant  # type: ignore[misc]
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    sampler = sys.argv[3] if len(sys.argv) > 3 else "tpe"
    ended: list[float] = []

    def listen(event: Event) -> None:
        if isinstance(event, TrialEnded):
            ended.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as directory:
        request = Request(runs_directory=directory, trials=trials, vary=VARY, seeds=0, sampler=sampler, hyperparameters={})
        begun = time.process_time()
        Coordinator(request, listen).run()
        processor = time.process_time() - begun
    milliseconds = 1000 * (ended[-1] - ended[0]) / (len(ended) - 1)
    print(f"{trials} trials of {EPOCHS} epochs, {sampler}: {milliseconds:.1f} ms a trial; {processor:.1f} s of processor time in all")


if __name__ == "__main__":
    main()
