"""Kills a worker that saves every epoch, at random moments of a short run, goes on with the run, and compares its end with that of an
uninterrupted one.

python -m tests.bench.kill [KILLS] [SEED]
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from engine.checkpoint import CHECKPOINT_FILE, Checkpoint, has_checkpoint, load_checkpoint
from engine.commands import Configure, Train
from engine.events import CheckpointWritten, EpochEnded, Event
from engine.model_file import MODEL_FILE, load_model
from engine.runs.history import read_hyperparameters
from engine.runs.metrics import read_metrics
from engine.runs.names import EVENTS_FILE, SUMMARY_FILE, is_run
from tests.faults.support import EAGER_WORKER, Worker, small, started

EPOCHS = 12
HYPERPARAMETERS = small(
    training__epochs=EPOCHS,
    training__averaging=0.9,
    regularization__dropout__hidden=0.3,
    learning_rate__decay__method="exponential",
    early_stopping__mode="patience",
    early_stopping__patience=EPOCHS,
)


@dataclass(frozen=True)
class Kill:
    """What one kill did to a run."""

    moment: float
    """Seconds after the run was asked for."""
    told: int
    """Epochs that the worker had told of."""
    lost: int
    """Of those, how many have to be trained again."""


def kill_and_resume(kills: int, seed: int, root: Path, dataset: Path) -> list[Kill]:
    """Raises AssertionError where a file cannot be read, more than an epoch is lost, or a run ends otherwise than without the kill."""
    generator, found = random.Random(seed), []
    configure = Configure(device="cpu", dataset=str(dataset), runs_directory=str(root))
    with started(configure, EAGER_WORKER) as worker:
        begin = time.perf_counter()
        worker.send(Train(hyperparameters=HYPERPARAMETERS, run_name="whole"))
        worker.until("finished")
        duration = time.perf_counter() - begin
        worker.close_stdin()
        worker.end()
    moments = [generator.uniform(0, duration) for _ in range(kills)]
    worker = started(configure, EAGER_WORKER)
    for number, moment in enumerate(moments):
        path = root / f"killed {number}"
        with worker:
            seen = len(worker.events)
            worker.send(Train(hyperparameters=HYPERPARAMETERS, run_name=path.name))
            time.sleep(moment)
            worker.process.kill()
            worker.end()
        found.append(_examine(path, moment, worker.events[seen:]))
        worker = started(configure, EAGER_WORKER)
        _go_on(worker, path)
        _assert_same_end(path, root / "whole")
    with worker:
        worker.close_stdin()
        worker.end()
    return found


def _examine(path: Path, moment: float, events: list[Event]) -> Kill:
    """Reads every file that the kill left."""
    for file in path.glob("*.safetensors"):
        if not file.name.startswith("checkpoint"):
            load_model(file)
    if is_run(path):
        json.loads((path / SUMMARY_FILE).read_bytes())
        read_hyperparameters(path)
    epoch, whole = 0, True
    if has_checkpoint(path):
        checkpoint, note = load_checkpoint(path)
        epoch, whole = checkpoint.epoch, not note
    assert whole or not (path / CHECKPOINT_FILE).exists(), "a checkpoint that is there is whole"
    events_file = path / EVENTS_FILE
    for line in events_file.read_bytes().split(b"\n")[:-1] if events_file.exists() else []:
        json.loads(line)
    told = max((event.epoch for event in events if isinstance(event, EpochEnded)), default=0)
    promised = max((event.epoch for event in events if isinstance(event, CheckpointWritten)), default=0)
    assert epoch >= promised, f"the checkpoint of epoch {promised} was told of, that of epoch {epoch} is there"
    assert told - epoch <= 1, f"{told - epoch} epochs are lost"
    assert len(read_metrics(path)) >= epoch
    return Kill(moment, told, max(0, told - epoch))


def _go_on(worker: Worker, path: Path) -> None:
    if is_run(path):
        worker.send(Train(resume=path.name))
    else:  # killed before there was a run to go on with
        shutil.rmtree(path, ignore_errors=True)
        worker.send(Train(hyperparameters=HYPERPARAMETERS, run_name=path.name))
    ended = worker.until("finished", "failed")
    assert ended.name == "finished", ended


def _assert_same_end(path: Path, whole: Path) -> None:
    first, second = (load_checkpoint(item)[0] for item in (path, whole))
    assert _state(first) == _state(second), "the training state is the same to the bit"
    assert (first.epoch, first.validation, first.rate) == (second.epoch, second.validation, second.rate)
    models = [load_model(item / MODEL_FILE) for item in (path, whole)]
    assert models[0].parameters.tobytes() == models[1].parameters.tobytes()
    assert models[0].test_loss == models[1].test_loss
    assert [epoch.epoch for epoch in read_metrics(path)] == list(range(1, EPOCHS + 1))
    assert not list(path.glob("*.tmp"))


def _state(checkpoint: Checkpoint) -> list[bytes]:
    return [buffer.tobytes() for buffer in vars(checkpoint.state).values()]


def main() -> None:
    from tests.conftest import write_digits

    kills, seed = (int(given or default) for given, default in zip_longest(sys.argv[1:3], (100, 0)))
    with tempfile.TemporaryDirectory() as directory:
        dataset = Path(directory) / "digits"
        dataset.mkdir()
        write_digits(dataset)
        begin = time.perf_counter()
        found = kill_and_resume(kills, seed, Path(directory) / "runs", dataset)
    print(f"{kills} kills in {time.perf_counter() - begin:.0f} s: every file could be read, every run ended as the uninterrupted one")
    print("epochs finished at the kill:", dict(sorted(Counter(kill.told for kill in found).items())))
    print("epochs lost:", dict(sorted(Counter(kill.lost for kill in found).items())))


if __name__ == "__main__":
    main()
