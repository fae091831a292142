"""A worker that trains nothing, and kills itself at a message. Stand-alone, so that it starts in an instant.

Its arguments are a file with a line for each time that it is to die, the message, and the data set's fingerprint. Messages are
``configure`` and ``job``, before it does what it is told; ``ready``, ``epoch N`` and ``ended``, after it has said so.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

EPOCHS = 3
DEVICE = {"index": 1, "name": "Scripted GPU", "kind": "discrete", "backend": "wgpu", "driver": "script"}

FACTS = {"name": "scripted", "path": "", "height": 7, "width": 7, "classes": ["0", "1"], "train": 1, "test": 1}


class Worker:
    def __init__(self, lives: Path, boundary: str, fingerprint: str) -> None:
        self._lives, self._boundary, self._fingerprint = lives, boundary, fingerprint

    def _reach(self, boundary: str) -> None:
        if boundary == self._boundary and (left := self._lives.read_text().splitlines()):
            self._lives.write_text("\n".join(left[1:]))
            os.kill(os.getpid(), signal.SIGKILL)

    def _tell(self, event: str, **values: Any) -> None:
        print(json.dumps({"event": event, "seq": 1, "time": time.monotonic(), **values}), flush=True)

    def serve(self) -> None:
        for line in sys.stdin:
            command = json.loads(line)
            match command["command"]:
                case "configure":
                    self._reach("configure")
                    facts = {**FACTS, "fingerprint": self._fingerprint}
                    self._tell(
                        "ready", device=DEVICE, devices=[DEVICE], note="", dataset=facts, runs_directory="", versions={}, is_remote=False
                    )
                    self._reach("ready")
                case "job":
                    self._train([command["job"]])
                case "jobs":
                    self._train([job["job"] for job in command["jobs"]])

    def _train(self, jobs: list[int]) -> None:
        self._reach("job")
        for epoch in range(1, EPOCHS + 1):
            for job in jobs:
                metrics = {"learning_rate": 0.1, "train_loss": 1.0, "train_accuracy": 0.5, "validation_loss": 1.0, "seconds": 0.1}
                self._tell("job_epoch", job=job, metrics={"epoch": epoch, "validation_accuracy": epoch / 10, **metrics})
            self._reach(f"epoch {epoch}")
        for job in jobs:
            self._tell(
                "job_ended", job=job, reason="epochs", epochs=EPOCHS, best_epoch=EPOCHS, validation_accuracy=EPOCHS / 10,
                validation_loss=1.0, seconds=0.3, model=None,
            )  # fmt: skip
            self._reach("ended")


if __name__ == "__main__":
    Worker(Path(sys.argv[1]), sys.argv[2], sys.argv[3]).serve()
