"""A worker that trains nothing: it speaks the protocol, with the same figures every time. Stand-alone, so that it starts in an instant.

``--hold N`` waits in epoch N for a command; ``--die N`` ends in epoch N with a word on stderr, unless it goes on with a run;
``--run DIRECTORY`` is where its runs are said to be; ``--deaf`` does not end with its stdin; ``--hint KEY=VALUE`` advises that after
epoch 1, until a value is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import time
from typing import Any

CPU = {"index": 0, "name": "Scripted CPU", "kind": "cpu", "backend": "cpu", "driver": "script"}
GPU = {"index": 1, "name": "llvmpipe (LLVM 19)", "kind": "software", "backend": "wgpu", "driver": "mesa"}
DATASET = {
    "name": "mnist", "path": "", "train": 60000, "test": 10000, "height": 28, "width": 28, "classes": [str(digit) for digit in range(10)],
    "fingerprint": "0" * 64,
}  # fmt: skip
STEPS = 4


class Worker:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._model = f"{arguments.run}/model.safetensors"
        self._sent = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._commands.put(json.loads(line))
        self._commands.put(None)

    def _tell(self, event: str, **values: Any) -> None:
        self._sent += 1
        print(json.dumps({"event": event, "seq": self._sent, "time": time.monotonic(), **values}), flush=True)

    def _fail(self, kind: str, message: str, advice: str) -> None:
        self._tell("failed", kind=kind, message=message, advice=advice)

    def serve(self) -> None:
        while True:
            command = self._commands.get()
            if command is None or command["command"] == "shutdown":
                if self._arguments.deaf:
                    time.sleep(60)
                return
            match command["command"]:
                case "configure":
                    self._configure(command)
                case "train":
                    self._train(command)
                case "devices":
                    self._tell("devices", devices=[CPU, GPU])
                case "evaluate":
                    self._tell("evaluated", model=command["model"], part="test", evaluation=evaluation())
                case other:
                    self._fail("protocol", f"the command {other} needs a run that is going on", "Send one command a line, as JSON.")

    def _configure(self, command: dict[str, Any]) -> None:
        if command["device"] not in ("auto", "cpu", "0", "1"):
            self._fail("device", f"There is no device {command['device']!r} here.", "Choose auto or cpu.")
            return
        if command["dataset"] != "mnist":
            self._fail("data", f"there is no data set {command['dataset']} here", "Give a directory, or a name: mnist.")
            return
        device = GPU if command["device"] == "1" else CPU
        note = "The CPU trains: there is only a software adapter here." if command["device"] == "auto" else ""
        versions = {"python": "3"}
        known = [CPU] if command["device"] == "cpu" else [CPU, GPU]
        self._tell("ready", device=device, devices=known, note=note, dataset=DATASET, runs_directory="", versions=versions)

    def _train(self, command: dict[str, Any]) -> None:
        hyperparameters = command["hyperparameters"]
        epochs, first = hyperparameters["training"]["epochs"], 2 if command["resume"] else 1
        run = {
            "run": self._arguments.run,
            "hyperparameters": hyperparameters,
            "parameters": 1234,
            "device": CPU,
            "plan": {"name": "script"},
        }
        self._goes_on = bool(command["resume"])
        self._tell("compiling", kernels=3)
        self._tell("started", **run, dataset={key: DATASET[key] for key in FACTS}, epochs=epochs, steps=STEPS, first_epoch=first)
        done, reason = first - 1, "epochs"
        for epoch in range(first, epochs + 1):
            ending = self._epoch(epoch, epochs)
            if ending != "abort":
                done = epoch
                self._end_epoch(epoch)
            if ending:
                reason = "stopped"
                break
        self._end(done, reason)

    def _epoch(self, epoch: int, epochs: int) -> str:
        """Trains an epoch; ``stop`` or ``abort`` where that was asked for."""
        for step in range(1, STEPS + 1):
            self._tell(
                "progress",
                epoch=epoch,
                step=step,
                steps=STEPS,
                epochs=epochs,
                learning_rate=1e-3,
                train_loss=0.5,
                train_accuracy=0.9,
                samples_per_second=640.0,
            )
            if self._arguments.die == epoch and not self._goes_on:
                print("the driver gave up", file=sys.stderr, flush=True)
                os._exit(3)
            ending = self._obey(epoch, step, wait=self._arguments.hold == epoch and step == STEPS // 2)
            if ending:
                return ending
        return ""

    def _obey(self, epoch: int, step: int, wait: bool) -> str:
        paused = False
        while wait or paused or not self._commands.empty():
            command = self._commands.get()
            name = "abort" if command is None else command["command"]
            if command is None or name == "shutdown":
                self._commands.put(None)
                return "abort"
            if name in ("stop", "abort"):
                return str(name)
            if name in ("pause", "resume"):
                paused = name == "pause"
                wait = wait and paused
                self._tell("paused" if paused else "resumed", epoch=epoch, step=step)
            if name == "set":
                self._tell("changed", key=command["key"], value=command["value"], epoch=epoch, step=step)
                self._tell("hint_ended", kind="overfitting")
        return ""

    def _end_epoch(self, epoch: int) -> None:
        loss = 0.5 / epoch
        self._tell(
            "epoch", epoch=epoch, learning_rate=0.01 / epoch, train_loss=loss, train_accuracy=1 - loss / 5, validation_loss=loss + 0.01,
            validation_accuracy=0.99 - loss / 5, seconds=1.25, samples_per_second=640.0, best_epoch=epoch,
        )  # fmt: skip
        self._tell("snapshot", path=self._model, epoch=epoch)
        if epoch == 1 and self._arguments.hint:
            key, _, value = self._arguments.hint.partition("=")
            self._tell("hint", kind="overfitting", message="it learns by heart", changes={key: json.loads(value)})

    def _end(self, epochs: int, reason: str) -> None:
        if epochs:
            self._tell("evaluated", model=self._model, part="test", evaluation=evaluation())
        ended = {
            "reason": reason,
            "epochs": epochs,
            "best_epoch": epochs,
            "test_accuracy": 0.97 if epochs else None,
            "test_loss": 0.125 if epochs else None,
        }
        for event in ("stopped", "finished") if reason == "stopped" else ("finished",):
            self._tell(event, **ended, run=self._arguments.run)


FACTS = ("name", "fingerprint", "height", "width", "classes")


def evaluation() -> dict[str, Any]:
    """Of 1,000 digits, 100 a class, 3 of each taken for the next."""
    confusion = [[97 if target == taken else 3 if taken == (target + 1) % 10 else 0 for taken in range(10)] for target in range(10)]
    bins = [{"lower": i / 10, "upper": (i + 1) / 10, "samples": 0, "confidence": None, "accuracy": None} for i in range(10)]
    classes = [{"precision": 0.97, "recall": 0.97, "f1": 0.97, "support": 100} for _ in range(10)]
    return {
        "samples": 1000, "loss": 0.125, "accuracy": 0.97, "wrong": 30, "hardest": [1, 2],
        "confusion": confusion, "classes": classes, "calibration_error": 0.01, "calibration": bins,
    }  # fmt: skip


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line, or ``given`` instead, says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hold", type=int, default=0)
    parser.add_argument("--die", type=int, default=0)
    parser.add_argument("--run", default="/runs/scripted")
    parser.add_argument("--deaf", action="store_true")
    parser.add_argument("--hint", default="")
    return parser.parse_args(given)


if __name__ == "__main__":
    Worker(arguments()).serve()
