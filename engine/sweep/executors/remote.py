"""What a worker of a cluster does: trains one job, on data that it finds by its fingerprint, and tells of each epoch."""

from __future__ import annotations

import os
import tempfile
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dataset import Dataset, DatasetError, registry
from engine import devices
from engine.backend import Backend
from engine.events import Event, JobEpoch
from engine.failures import failure
from engine.hyperparameters.configuration import from_plain
from engine.jobs.job import JobTrainer
from engine.model_file import MODEL_FILE
from engine.training.control import Control

DATASETS_VARIABLE = "DIGITS_TUI_DATASETS"
"""Directories with data sets of a worker's own, separated like those of PATH."""

_datasets: dict[str, Dataset] = {}
_loading = threading.Lock()
_thread = threading.local()
"""A backend belongs to the thread that opened it."""


def find_dataset(name: str, fingerprint: str) -> Dataset:
    """The data set with this SHA-256: the registered one of this name, or one in a directory of DIGITS_TUI_DATASETS. Raises DatasetError
    where there is none.
    """
    with _loading:
        if fingerprint not in _datasets:
            _datasets[fingerprint] = next(_matching(name, fingerprint), None) or _missing(name, fingerprint)
        return _datasets[fingerprint]


def _matching(name: str, fingerprint: str) -> Iterator[Dataset]:
    directories = filter(None, os.environ.get(DATASETS_VARIABLE, "").split(os.pathsep))
    for candidate in ([name] if name in registry.REGISTERED else []) + list(directories):
        try:
            dataset = registry.load(candidate)
        except DatasetError:
            continue
        if dataset.fingerprint == fingerprint:
            yield dataset


def _missing(name: str, fingerprint: str) -> Dataset:
    raise DatasetError(
        f"a worker of the cluster has no data set {name} with the SHA-256 {fingerprint}",
        f"Name its directory there in the environment variable {DATASETS_VARIABLE}.",
    )


def _backend(device: str, dataset: Dataset) -> Backend:
    """The device of this thread, with the data on it. Raises DeviceError."""
    key = (device, dataset.fingerprint)
    if getattr(_thread, "key", None) != key:
        if hasattr(_thread, "backend"):
            _thread.backend.close()
            del _thread.backend
        backend = devices.open_backend(devices.choose(device, devices.known_devices(device))[0])
        backend.load(dataset)
        _thread.key, _thread.backend = key, backend
    found: Backend = _thread.backend
    return found


def run_job(work: Mapping[str, Any]) -> dict[str, Any]:
    """Trains the job of ``work``: how it went, all its epochs, and its model's bytes. What is told on the way goes to the topic of
    ``work`` as events of the worker.
    """
    from distributed import Event as Flag
    from distributed import get_worker

    worker, attempt, flag = get_worker(), uuid.uuid4().hex, Flag(work["stop"])

    def tell(message: dict[str, Any]) -> None:
        worker.log_event(work["topic"], {"job": work["job"], "attempt": attempt, **message})

    try:
        backend = _backend(work["device"], find_dataset(work["dataset"], work["fingerprint"]))
        tell({"began": worker.address, "device": backend.device.plain()})
        return _train(work, backend, tell, flag.is_set) | {"attempt": attempt}
    except Exception as error:
        traceback.print_exc()
        failed = failure(error)
        return {"failed": {"kind": failed.kind, "message": f"{failed.message}. {failed.advice}"}}


def _train(
    work: Mapping[str, Any], backend: Backend, tell: Callable[[dict[str, Any]], None], is_unwanted: Callable[[], bool]
) -> dict[str, Any]:
    control, epochs = Control(), []

    def emit(event: Event) -> None:
        if isinstance(event, JobEpoch):
            epochs.append(event.metrics)
            tell({"epoch": event.metrics})
        if is_unwanted():
            control.abort()

    dataset = find_dataset(work["dataset"], work["fingerprint"])
    trainer = JobTrainer(work["job"], from_plain(work["hyperparameters"]), dataset, backend, control, emit)
    trainer.train()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / MODEL_FILE
        ended = trainer.ended(path, work["keep_from"])
        return {
            "epochs": epochs,
            "model": path.read_bytes() if ended.model else None,
            "ended": {
                name: getattr(ended, name)
                for name in ("reason", "epochs", "best_epoch", "validation_accuracy", "validation_loss", "seconds")
            },
        }
