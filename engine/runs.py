"""The run directory: hyperparameters, metrics, events, model, checkpoint and summary of one training; and finding runs again."""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from engine.checkpoint import CHECKPOINT_FILE, MODEL_FILE
from engine.configuration import read_toml, to_toml
from engine.events import EpochEnded, Event, to_json
from engine.files import atomic_write, sweep
from engine.hyperparameters import Hyperparameters
from engine.lock import Lock, LockedError, is_locked

HYPERPARAMETERS_FILE = "hyperparameters.toml"
METRICS_FILE = "metrics.csv"
EVENTS_FILE = "events.jsonl"
SUMMARY_FILE = "summary.json"
SNAPSHOT_FILE = "snapshot.safetensors"
LOCK_FILE = ".lock"
SWEEPS_DIRECTORY = "sweeps"
"""Beside the runs; none may be called so."""
RUNS_DIRECTORY_VARIABLE = "DIGITS_TUI_RUNS_DIR"
LOCK_WAIT = 5.0
"""Seconds that a resumed run may take to be let go of by its last worker."""

METRICS_COLUMNS = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "seconds",
                   "samples_per_second", "best_epoch")  # fmt: skip
"""The fields of EpochEnded, one line of metrics.csv."""

State = Literal["finished", "stopped", "running", "failed", "interrupted"]


class RunError(ValueError):
    """A run that is not there, is in use, or cannot be made: ``message`` says what, ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class Summary(BaseModel):
    """What a list of runs shows of one; the content of summary.json. Accuracies are fractions."""

    model_config = ConfigDict(frozen=True)

    name: str
    path: str
    when: str
    """When it was started: ISO 8601, with the offset from UTC."""
    preset: str | None = None
    state: State = "running"
    """finished (by early stopping or after the last epoch), stopped (by hand), running, failed, or interrupted (its worker died or was
    ended).
    """
    epochs: int = 0
    """Finished epochs."""
    best_epoch: int = 0
    """The epoch of model.safetensors; 0 where there is none."""
    validation_accuracy: float | None = None
    """That epoch's."""
    test_accuracy: float | None = None
    test_loss: float | None = None
    reason: str | None = None
    """Why it ended: early_stopping, epochs or stopped; a failed run's message."""
    seconds: float = 0.0
    """Training alone."""
    parameters: int = 0
    dataset: str = ""
    device: dict[str, Any] = {}
    """As ``Device.plain()``."""
    plan: dict[str, Any] = {}

    @property
    def best_accuracy(self) -> float | None:
        """The test accuracy, or the validation accuracy while there is none."""
        return self.validation_accuracy if self.test_accuracy is None else self.test_accuracy

    def plain(self) -> dict[str, Any]:
        """Fit for JSON."""
        return self.model_dump(mode="json")


class Run:
    """A run's directory, held by this process until ``close``."""

    def __init__(self, path: Path, lock: Lock, summary: Summary) -> None:
        self.path = path
        self.summary = summary
        """As it was written last."""
        self._lock = lock

    @classmethod
    def create(cls, root: Path, hyperparameters: Hyperparameters, preset: str | None = None, name: str | None = None) -> Run:
        """A new run under ``root``, which is made if need be. Raises RunError for a name that is taken or cannot be one, and OSError."""
        if name is not None:
            _check_name(name)
        now = datetime.now().astimezone()
        root.mkdir(parents=True, exist_ok=True)
        kind = re.sub(r"[^\w-]", "", preset or "") or "custom"
        path = _make_directory(root, name, f"{now:%Y%m%d-%H%M%S}-{kind}")
        summary = Summary(name=path.name, path=str(path), when=now.isoformat(timespec="seconds"), preset=preset)
        run = cls(path, Lock(path / LOCK_FILE), summary)
        try:
            atomic_write(path / HYPERPARAMETERS_FILE, to_toml(hyperparameters))
            run.write_summary()
        except OSError:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, path: Path, wait: float = LOCK_WAIT) -> Run:
        """A run that is there already, to go on with. Raises RunError where another process still has it after ``wait`` seconds, and
        OSError.
        """
        try:
            lock = Lock(path / LOCK_FILE, wait)
        except LockedError:
            raise RunError(f"the run {path.name} is in use by another process", "Wait for it to end, or stop it there.") from None
        try:
            sweep(path)
            _cut_torn_line(path / EVENTS_FILE)
            return cls(path, lock, _stored_summary(path))
        except OSError:
            lock.release()
            raise

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def model_path(self) -> Path:
        return self.path / MODEL_FILE

    @property
    def snapshot_path(self) -> Path:
        return self.path / SNAPSHOT_FILE

    @property
    def checkpoint_path(self) -> Path:
        return self.path / CHECKPOINT_FILE

    def write_metrics(self, epochs: Sequence[EpochEnded]) -> None:
        """metrics.csv, a line an epoch; a number that is not there leaves its place empty. Raises OSError."""
        text = io.StringIO()
        writer = csv.DictWriter(text, METRICS_COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(epoch) for epoch in epochs)
        atomic_write(self.path / METRICS_FILE, text.getvalue())

    def record(self, event: Event) -> None:
        """Adds an event to events.jsonl. Raises OSError."""
        with open(self.path / EVENTS_FILE, "ab") as file:  # noqa: PTH123
            file.write(to_json(event).encode(errors="replace") + b"\n")

    def write_summary(self, **changes: Any) -> None:
        """summary.json, with some of ``Summary``'s fields set anew. Raises OSError."""
        self.summary = self.summary.model_copy(update=changes)
        atomic_write(self.path / SUMMARY_FILE, self.summary.model_dump_json(indent=2) + "\n")

    def close(self) -> None:
        self._lock.release()


def runs_directory(chosen: str | None = None) -> Path:
    """Where runs are kept: the chosen directory, that of the environment's DIGITS_TUI_RUNS_DIR, or ``runs`` in the user's data
    directory.
    """
    named = chosen or os.environ.get(RUNS_DIRECTORY_VARIABLE)
    return Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("digits-tui", appauthor=False)) / "runs"


def is_run(path: Path) -> bool:
    """Whether a directory holds a run."""
    return (path / HYPERPARAMETERS_FILE).is_file()


def find_run(name: str, root: Path) -> Path:
    """The directory of a run, given its name under ``root`` or its path. Raises RunError, with a name that is near."""
    for candidate in (root / name, Path(name).expanduser().absolute()):
        if is_run(candidate):
            return candidate
    near = difflib.get_close_matches(name, [path.name for path in _directories(root)], n=1)
    raise RunError(
        f"there is no run {name!r} in {root}", f"Did you mean {near[0]}?" if near else "`digits-tui runs` lists the runs there are."
    )


def list_runs(root: Path) -> list[Summary]:
    """A summary of each run under ``root``, the newest first. Raises OSError."""
    return sorted((read_summary(path) for path in _directories(root)), key=lambda summary: (summary.when, summary.name), reverse=True)


def read_summary(path: Path) -> Summary:
    """A run's summary, its state as it is now; little more than its name where summary.json is missing or damaged. Raises OSError."""
    summary = _stored_summary(path)
    if is_locked(path / LOCK_FILE):
        return summary.model_copy(update={"state": "running"})
    return summary.model_copy(update={"state": "interrupted"}) if summary.state == "running" else summary


def _stored_summary(path: Path) -> Summary:
    try:
        summary = Summary.model_validate_json((path / SUMMARY_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        summary = Summary(name=path.name, path=str(path), when=changed.isoformat(timespec="seconds"))
    return summary.model_copy(update={"name": path.name, "path": str(path)})


def _cut_torn_line(file: Path) -> None:
    """Takes away a last line that a killed writer left without its end."""
    if file.exists():
        whole = file.read_bytes().rfind(b"\n") + 1
        if whole != file.stat().st_size:
            os.truncate(file, whole)


def read_hyperparameters(path: Path) -> Hyperparameters:
    """The hyperparameters that a run was started with. Raises HyperparameterError."""
    return read_toml(path / HYPERPARAMETERS_FILE)


def read_metrics(path: Path) -> list[EpochEnded]:
    """The lines of a run's metrics.csv; none where there is no such file. Raises RunError for a line that is none."""
    file = path / METRICS_FILE
    if not file.exists():
        return []
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    adapter = TypeAdapter(EpochEnded)
    epochs = []
    for number, row in enumerate(rows, start=2):
        try:
            epochs.append(adapter.validate_python({key: value or None for key, value in row.items()}))
        except ValidationError:
            raise RunError(f"{file}, line {number} is not a line of metrics", "Remove the file to go on without it.") from None
    return epochs


def _directories(root: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        yield from (path for path in sorted(root.iterdir()) if is_run(path))


def _check_name(name: str) -> None:
    if name == SWEEPS_DIRECTORY or not re.fullmatch(r"\w[\w.+ -]{0,99}", name) or name.endswith((".", " ")):
        raise RunError(f"{name!r} cannot be a run's name", "Use letters, digits, '_', '-', '+', '.' and spaces, a letter or digit first.")


def _make_directory(root: Path, name: str | None, automatic: str) -> Path:
    if name is not None:
        try:
            (root / name).mkdir()
        except FileExistsError:
            raise RunError(f"there is already a run {name!r} in {root}", "Choose another name, or go on with it by --resume.") from None
        return root / name
    number = 1
    while True:
        path = root / (automatic if number == 1 else f"{automatic}-{number}")
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            return path
        number += 1
