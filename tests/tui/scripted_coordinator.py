"""A coordinator that trains nothing: it tells the events of a sweep, with the same figures every time. Stand-alone, so that it starts
in an instant.

``--hold N`` waits in trial N for a command; ``--die N`` ends in trial N with a word on stderr, unless it goes on with a sweep; ``--fail``
cannot begin; ``--directory`` is where models are said to be. With the path of a study file it tells of a sweep that is over.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

CPU = {"index": 0, "name": "Scripted CPU", "kind": "cpu", "backend": "cpu", "driver": "script"}
FACTS = {"name": "mnist", "path": "", "fingerprint": "0" * 64, "height": 28, "width": 28, "classes": [str(digit) for digit in range(10)]}
SPACE = {"learning_rate.initial": "0.0001..0.1:log", "network.activation": "relu|gelu", "training.batch_size": "8..512:log"}
ENDINGS = ("complete", "complete", "pruned", "complete", "failed", "complete")
EPOCHS = 3
"""What is reported of each trial."""


def parameters(trial: int) -> dict[str, Any]:
    return {
        "learning_rate.initial": 0.001 * (trial + 1),
        "network.activation": "gelu" if trial % 2 else "relu",
        "training.batch_size": 16 * (trial % 4 + 1),
    }


def accuracy(trial: int) -> float:
    """97% at the most, in trial 3."""
    return 0.97 - 0.01 * abs(trial - 3) / (1 + trial // 4)


def row(trial: int) -> dict[str, Any]:
    state = ENDINGS[trial % len(ENDINGS)]
    curve = [accuracy(trial) - 0.02 * (EPOCHS - epoch) for epoch in range(1, EPOCHS + 1)]
    reason = {"complete": "epochs", "pruned": "pruned", "failed": "the loss is not finite in epoch 2"}[state]
    return {
        "trial": trial, "state": state, "parameters": parameters(trial), "value": None if state == "failed" else accuracy(trial),
        "curve": curve, "best_epoch": EPOCHS, "validation_loss": 0.125, "seconds": 1.5, "reason": reason,
    }  # fmt: skip


class Coordinator:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._sent = 0

    def _tell(self, event: str, **values: Any) -> None:
        self._sent += 1
        print(json.dumps({"event": event, "seq": self._sent, "time": time.monotonic(), **values}), flush=True)

    def _start(self, name: str, hyperparameters: Any, trials: int, before: int) -> None:
        self._tell(
            "sweep_started", sweep=name, study=f"/sweeps/{name}.db", directory=self._arguments.directory, space=SPACE,
            hyperparameters=hyperparameters, dataset=FACTS, sampler="tpe", pruner="median", seed=0, executor="processes", trials=trials,
            minutes=None, rows=[row(trial) for trial in range(before)], notes=[],
        )  # fmt: skip

    def show(self) -> None:
        """A sweep of twelve trials that is over."""
        name = Path(self._arguments.study).stem
        self._start(name, {}, 12, 12)
        self._conclude(12)

    def run(self) -> None:
        request = json.loads(sys.stdin.readline())
        if self._arguments.fail:
            self._tell("failed", kind="device", message="There is no device 'gpu' here.", advice="Choose auto or cpu.")
            return
        is_resumed = request["hyperparameters"] is None
        trials, before = request["trials"] or 12, 2 if is_resumed else 0
        self._start(request["name"] or "by-date", request["hyperparameters"] or {}, trials, before)
        self._tell("worker_ready", worker="1", device=CPU)
        for trial in range(before, trials):
            if not self._trial(trial, is_resumed):
                self._finish("stopped", trial, None)
                return
        self._conclude(trials)

    def _trial(self, trial: int, is_resumed: bool) -> bool:
        """False where it was asked to stop."""
        found = row(trial)
        self._tell("trial_started", trial=trial, parameters=found["parameters"], worker="1", attempt=1)
        for epoch, value in enumerate(found["curve"], 1):
            self._tell(
                "trial_epoch", trial=trial, epoch=epoch, learning_rate=1e-3, train_loss=0.5, train_accuracy=0.9, validation_loss=0.4,
                validation_accuracy=value, seconds=0.5,
            )  # fmt: skip
        if self._arguments.die == trial and not is_resumed:
            print("the disk gave up", file=sys.stderr, flush=True)
            os._exit(3)
        if self._arguments.hold == trial and not self._obey():
            return False
        self._tell("trial_ended", trial=trial, row=found)
        if trial == 5:
            self._importance(6)
        if trial in (0, 1, 3):
            self._tell("best", trial=trial, value=found["value"], parameters=found["parameters"], model=None)
        return True

    def _obey(self) -> bool:
        """Waits for ``resume`` or ``stop``, or the end of stdin, which is the same."""
        while line := sys.stdin.readline():
            command = json.loads(line)["command"]
            if command == "pause":
                self._tell("paused")
            else:
                self._tell("resumed")
                return bool(command == "resume")
        return False

    def _importance(self, trials: int) -> None:
        shares = {"learning_rate.initial": 0.75, "training.batch_size": 0.25, "network.activation": 0.0}
        complete = sum(row(trial)["state"] == "complete" for trial in range(trials))
        self._tell("importance", method="PED-ANOVA", trials=complete, values=shares)

    def _conclude(self, trials: int) -> None:
        self._importance(trials)
        best = [trial for trial in (3, 1) if trial < trials]
        self._tell("seeds_started", total=len(best))
        for done, trial in enumerate(best, 1):
            self._tell("seed_ended", trial=trial, seed=1, value=0.96 + trial / 1000, reason="", done=done, total=len(best))
        ranking = [
            {"trial": trial, "mean": 0.96 + trial / 1000, "deviation": 0.0006, "values": [0.96 + trial / 1000], "failed": 0,
             "parameters": parameters(trial)}
            for trial in best
        ]  # fmt: skip
        self._tell("seeds", ranking=ranking)
        self._finish("trials", trials, {**ranking[0], "test_mean": 0.9606, "test_deviation": 0.0006, "test_values": [0.9606]})

    def _finish(self, reason: str, trials: int, winner: dict[str, Any] | None) -> None:
        rows = [row(trial) for trial in range(trials)]
        self._tell("sweep_finished", reason=reason, rows=rows, winner=winner, config=None, models=[], seconds=42.0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hold", type=int, default=-1)
    parser.add_argument("--die", type=int, default=-1)
    parser.add_argument("--fail", action="store_true")
    parser.add_argument("--directory", default="/sweeps/scripted")
    parser.add_argument("study", nargs="?")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    coordinator = Coordinator(given)
    if given.study:
        coordinator.show()
    else:
        coordinator.run()
