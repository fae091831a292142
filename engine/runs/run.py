"""The run directory: hyperparameters, metrics, events, model, checkpoint, summary and note of one training."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.checkpoint import CHECKPOINT_FILE
from engine.events import EpochEnded, Event, to_json
from engine.hyperparameters.configuration import to_toml
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts
from engine.model_file import MODEL_FILE
from engine.runs.error import in_use
from engine.runs.metrics import MetricsFile
from engine.runs.names import EVENTS_FILE, HYPERPARAMETERS_FILE, LOCK_FILE, SNAPSHOT_FILE, SUMMARY_FILE, check_name, new_name_taken
from engine.runs.summary import NOT_STORED, Summary, stored_summary
from engine.storage.files import atomic_write, remove_leftovers
from engine.storage.lock import Lock, LockedError

LOCK_WAIT = 5.0
"""Seconds that a resumed run may take to be let go of by its last worker."""


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
            return cls(path, lock, stored_summary(path))
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


def _cut_torn_line(file: Path) -> None:
    """Takes away a last line that a killed writer left without its end."""
    if file.exists():
        whole = file.read_bytes().rfind(b"\n") + 1
        if whole != file.stat().st_size:
            os.truncate(file, whole)


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
