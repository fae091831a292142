"""The run directory: hyperparameters, metrics, events, model, checkpoint, summary and note of one training; and finding runs again."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dataset.paths import expanded
from dataset.spelling import did_you_mean
from engine.checkpoint import CHECKPOINT_FILE, MODEL_FILE, DatasetFacts
from engine.events import EpochEnded, Event, to_json
from engine.hyperparameters.configuration import read_toml, to_toml
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.error import RunError, RunInUseError
from engine.runs.marks import is_marked
from engine.runs.metrics import MetricsFile, read_metrics
from engine.runs.names import RUNS_DIRECTORY_VARIABLE, SWEEPS_DIRECTORY, check_name, new_name_taken, runs_directory
from engine.runs.notes import read_note
from engine.storage.files import atomic_write, bytes_in, remove_leftovers
from engine.storage.lock import Lock, LockedError, is_locked

__all__ = [
    "RUNS_DIRECTORY_VARIABLE",
    "Run",
    "RunError",
    "Summary",
    "find_run",
    "list_runs",
    "read_hyperparameters",
    "read_metrics",
    "read_summary",
    "runs_directory",
]

HYPERPARAMETERS_FILE = "hyperparameters.toml"
EVENTS_FILE = "events.jsonl"
SUMMARY_FILE = "summary.json"
SNAPSHOT_FILE = "snapshot.safetensors"
LOCK_FILE = ".lock"
TRASH = ".trash"
"""Beside the runs: those that were deleted, with all their files."""
LOCK_WAIT = 5.0
"""Seconds that a resumed run may take to be let go of by its last worker."""

State = Literal["finished", "stopped", "running", "failed", "interrupted", "unreadable"]


class Summary(BaseModel):
    """What a list of runs shows of one; the content of summary.json. Accuracies are fractions."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    name: str
    path: str
    when: str
    """When it was started: ISO 8601, with the offset from UTC."""
    preset: str | None = None
    state: State = "running"
    """finished (by early stopping or after the last epoch), stopped (by hand), running, failed, interrupted (its worker died or was
    ended), or unreadable.
    """
    epochs: int = 0
    """Finished epochs."""
    best_epoch: int = 0
    """The epoch of the model to keep; model.safetensors may be of an earlier one as long as the run goes on. 0 where there is none."""
    best_member: int = 1
    """Of an ensemble, the member that this epoch is of, from 1."""
    best_member_epoch: int = 0
    """The same epoch as that member counts its own; 0 where that is not known, of older runs."""
    validation_accuracy: float | None = None
    """That epoch's; of an ensemble, that of all members together, and while one is trained, of those before it."""
    test_accuracy: float | None = None
    test_loss: float | None = None
    validation_digits: int = 0
    """How many digits the accuracies are of; 0 where that is not known, of older runs; and so the next."""
    test_digits: int = 0
    reason: str | None = None
    """Why it ended: early_stopping, epochs or stopped; a failed run's message."""
    explanation: str = ""
    """Which rule of early stopping ended it, and what that found, in words; empty in older runs."""
    seconds: float = 0.0
    """Training alone."""
    phases: dict[str, float] = {}
    """Seconds of all its parts, by ``phases.Phase``."""
    parameters: int = 0
    dataset: str = ""
    dataset_path: str = ""
    """As in ``DatasetFacts``, and so the next."""
    dataset_fingerprint: str = ""
    device: dict[str, Any] = {}
    """As ``Device.plain()``."""
    plan: dict[str, Any] = {}
    note: str = ""
    """What a person wrote about it; like those below, not in summary.json."""
    is_marked: bool = False
    bytes: int = 0
    """What its files take."""
    problem: str = ""
    """Why more is not known, in a sentence."""

    @property
    def best_accuracy(self) -> float | None:
        """The test accuracy, or the validation accuracy while there is none."""
        return self.validation_accuracy if self.test_accuracy is None else self.test_accuracy

    def plain(self) -> dict[str, Any]:
        """Fit for JSON."""
        return self.model_dump(mode="json")


NOT_STORED = {"note", "is_marked", "bytes", "problem"}
"""Fields of ``Summary`` that are found beside summary.json, or out."""


class Run:
    """A run's directory, held by this process until ``close``."""

    def __init__(self, path: Path, lock: Lock, summary: Summary, is_new: bool = False) -> None:
        self.path = path
        self.summary = summary
        """As it was written last, or will be next."""
        self._lock = lock
        self._is_new = is_new
        self._metrics = MetricsFile(path)

    @classmethod
    def create(
        cls,
        root: Path,
        hyperparameters: Hyperparameters,
        preset: str | None = None,
        name: str | None = None,
        dataset: DatasetFacts | None = None,
    ) -> Run:
        """A new run under ``root``, which is made if need be. Raises RunError for a name that is taken or cannot be one, and OSError."""
        if name is not None:
            check_name(name)
        now = datetime.now().astimezone()
        root.mkdir(parents=True, exist_ok=True)
        kind = re.sub(r"[^\w-]", "", preset or "") or "custom"
        path = _make_directory(root, name, f"{now:%Y%m%d-%H%M%S}-{kind}")
        summary = Summary(name=path.name, path=str(path), when=now.isoformat(timespec="seconds"), preset=preset)
        run = cls(path, Lock(path / LOCK_FILE), summary, is_new=True)
        try:
            run.write_summary(**dataset.summary if dataset else {})
            atomic_write(path / HYPERPARAMETERS_FILE, to_toml(hyperparameters))
        except OSError:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, path: Path, wait: float = LOCK_WAIT) -> Run:
        """A run that is there already, to go on with. Raises RunInUseError where another process still has it after ``wait`` seconds, and
        OSError.
        """
        try:
            lock = Lock(path / LOCK_FILE, wait)
        except LockedError:
            raise in_use(path) from None
        try:
            remove_leftovers(path)
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

    @property
    def is_empty(self) -> bool:
        """Whether it was made by this process and holds nothing yet that was trained."""
        return self._is_new and not self.checkpoint_path.exists() and not self.model_path.exists()

    def write_metrics(self, epochs: Sequence[EpochEnded]) -> None:
        """Brings metrics.csv up to all epochs so far, once an epoch. Raises OSError."""
        self._metrics.write(epochs)

    def sync_metrics(self) -> None:
        """Makes metrics.csv last through a loss of power. Raises OSError."""
        self._metrics.sync()

    def record(self, event: Event) -> None:
        """Adds an event to events.jsonl. Raises OSError."""
        with open(self.path / EVENTS_FILE, "ab") as file:  # noqa: PTH123
            file.write(to_json(event).encode(errors="replace") + b"\n")

    def change_summary(self, **changes: Any) -> None:
        """Sets some of ``Summary``'s fields anew, to be written later."""
        self.summary = self.summary.model_copy(update=changes)

    def write_summary(self, **changes: Any) -> None:
        """summary.json, with some of ``Summary``'s fields set anew. Raises OSError."""
        self.change_summary(**changes)
        atomic_write(self.path / SUMMARY_FILE, self.summary.model_dump_json(indent=2, exclude=NOT_STORED) + "\n")

    def close(self) -> None:
        self._lock.release()

    def discard(self) -> None:
        """Removes the run; for one that is empty. Raises OSError."""
        self.close()
        shutil.rmtree(self.path)


def is_run(path: Path) -> bool:
    """Whether a directory holds a run."""
    return (path / HYPERPARAMETERS_FILE).is_file()


def find_run(name: str, root: Path) -> Path:
    """The directory of a run, given its name under ``root`` or its path. Raises RunError, with a name that is near."""
    for candidate in (root / name, expanded(name).absolute()):
        if is_run(candidate):
            return candidate
    hint = did_you_mean(name, [path.name for path in run_directories(root)])
    raise RunError(f"there is no run {name!r} in {root}{hint}", "`digits-tui runs` lists the runs there are.")


def list_runs(root: Path) -> list[Summary]:
    """A summary of each run under ``root``, the newest first; of one that cannot be read, why. Raises OSError for ``root`` alone."""
    return newest_first(map(listed, run_directories(root)))


def newest_first(summaries: Iterable[Summary]) -> list[Summary]:
    return sorted(summaries, key=lambda summary: (summary.when, summary.name), reverse=True)


def listed(path: Path) -> Summary:
    """As ``read_summary``, and where that raises OSError, what there is to say instead."""
    try:
        return read_summary(path)
    except OSError as error:
        problem = f"{error.filename or path} cannot be read: {error.strerror}."
        return Summary(name=path.name, path=str(path), when="", state="unreadable", problem=problem)


def read_summary(path: Path) -> Summary:
    """A run's summary, its state as it is now; little more than its name where summary.json is missing or damaged. Raises OSError."""
    summary = _stored_summary(path)
    if is_locked(path / LOCK_FILE):
        return summary.model_copy(update={"state": "running"})
    return summary.model_copy(update={"state": "interrupted"}) if summary.state == "running" else summary


def _stored_summary(path: Path) -> Summary:
    problem = ""
    try:
        summary = Summary.model_validate_json((path / SUMMARY_FILE).read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        problem = f"{path / SUMMARY_FILE} is {'missing' if isinstance(error, FileNotFoundError) else 'damaged'}."
        changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        summary = Summary(name=path.name, path=str(path), when=changed.isoformat(timespec="seconds"))
    found = {"note": read_note(path), "is_marked": is_marked(path), "bytes": bytes_in(path), "problem": problem}
    return summary.model_copy(update={"name": path.name, "path": str(path), **found})


def _cut_torn_line(file: Path) -> None:
    """Takes away a last line that a killed writer left without its end."""
    if file.exists():
        whole = file.read_bytes().rfind(b"\n") + 1
        if whole != file.stat().st_size:
            os.truncate(file, whole)


def read_hyperparameters(path: Path) -> Hyperparameters:
    """The hyperparameters that a run was started with. Raises HyperparameterError."""
    return read_toml(path / HYPERPARAMETERS_FILE)


def run_directories(root: Path) -> Iterator[Path]:
    """Those of the runs under ``root``, and those that cannot be looked into. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        yield from (path for path in sorted(root.iterdir()) if path.name not in (SWEEPS_DIRECTORY, TRASH) and _may_be_run(path))


def _may_be_run(path: Path) -> bool:
    try:
        return is_run(path)
    except PermissionError:
        return True


def in_use(path: Path) -> RunInUseError:
    """The error for a run that another process has."""
    return RunInUseError(f"the run {path.name} is in use by another process", "Wait for it to end, or stop it there.")


def _make_directory(root: Path, name: str | None, automatic: str) -> Path:
    if name is not None:
        try:
            (root / name).mkdir()
        except FileExistsError:
            raise new_name_taken(root / name) from None
        return root / name
    number = 1
    while True:
        path = root / (automatic if number == 1 else f"{automatic}-{number}")
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            return path
        number += 1
