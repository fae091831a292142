"""Going on with a run: on the device and the data that it was trained on, from its last checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dataset import DEFAULT_DATASET, Dataset, DatasetError, registry
from engine import devices
from engine.backend import Device, DeviceError
from engine.checkpoint import Checkpoint, has_checkpoint, load_checkpoint
from engine.data import loading_ahead
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.error import RunError
from engine.runs.history import read_hyperparameters
from engine.runs.run import Run
from engine.runs.summary import Summary
from engine.storage.tensor_file import shown


@dataclass(frozen=True)
class Resumption:
    """A run that goes on. Unless it had finished: from ``checkpoint``, or from the start where it was ended before the first one."""

    run: Run
    hyperparameters: Hyperparameters
    checkpoint: Checkpoint | None = None
    note: str = ""
    """Why it does not go on from the newest checkpoint, in a sentence."""


def load_dataset(request: str | None, run: Summary | None) -> Dataset:
    """The data set that is asked for, else the run's. Raises DatasetError."""
    if request is None and run is not None and run.dataset:
        return registry.load_again(run.dataset, run.dataset_path)
    return loading_ahead.load(request or DEFAULT_DATASET)


def choose_device(request: str | None, run: Summary | None) -> tuple[Device, str, list[Device]]:
    """The device that is asked for, else the run's; why, where the choice was ours; and what else is known. Raises DeviceError."""
    if request is None and run is not None and "name" in run.device:
        found = devices.known_devices(devices.CPU if run.device.get("backend") == "cpu" else devices.AUTO)
        return devices.find_again(run.device["name"], found), "", found
    found = devices.known_devices(request or devices.AUTO)
    return *devices.choose(request or devices.AUTO, found), found


def reopen(path: Path, dataset: Dataset, device: Device, any_device: bool) -> Resumption:
    """Takes a run up again, to be closed by the caller.

    Raises RunError, ModelFileError and HyperparameterError where it cannot be, DatasetError for other data than it was trained on, and,
    unless ``any_device``, DeviceError for another device.
    """
    run = Run.open(path)
    try:
        if run.summary.state == "finished":
            return Resumption(run, read_hyperparameters(path))
        if not has_checkpoint(path):
            return _from_the_start(run, dataset)
        checkpoint, note = load_checkpoint(path)
        _check_dataset(run, checkpoint.dataset.fingerprint, dataset)
        if not any_device and not device.is_same(checkpoint.device):
            raise DeviceError(
                f"the run {run.name} was trained on {shown(checkpoint.device.name)}, and this is {device.name}",
                "Name a device by --device to go on there all the same; its last digits may then differ.",
            )
        return Resumption(run, checkpoint.hyperparameters, checkpoint, note)
    except Exception:
        run.close()
        raise


def _from_the_start(run: Run, dataset: Dataset) -> Resumption:
    if run.summary.epochs or run.model_path.exists():
        raise RunError(f"the run {run.name} has no checkpoint to go on from", "Start it again under another name.")
    _check_dataset(run, run.summary.dataset_fingerprint, dataset)
    return Resumption(run, read_hyperparameters(run.path), note=f"the run {run.name} has no checkpoint yet: it begins anew")


def _check_dataset(run: Run, fingerprint: str, dataset: Dataset) -> None:
    if fingerprint != dataset.fingerprint:
        raise DatasetError(
            f"the run {run.name} was trained on other data ({run.summary.dataset}) than {dataset.name}",
            "Open its own data set to go on with it: --dataset.",
        )


def device_note(then: Device, now: Device) -> str:
    """What to know of a run that goes on with another device or driver; nothing where both are the same."""
    if now.is_same(then) and now.driver == then.driver:
        return ""
    what, new, old = ("driver", now.driver, then.driver) if now.is_same(then) else ("device", now.name, then.name)
    return f"the run goes on with another {what} ({new}, not {shown(old)}): its last digits may differ from those of an uninterrupted run"
