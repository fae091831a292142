"""metrics.csv: a line an epoch, added as it ends."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.events import EpochEnded
from engine.runs.error import RunError
from engine.storage.files import atomic_write

METRICS_FILE = "metrics.csv"
COLUMNS = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "seconds",
           "samples_per_second", "best_epoch", "member")  # fmt: skip
"""The fields of EpochEnded."""


class MetricsFile:
    """The metrics of the run in ``directory``, as this process writes them."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / METRICS_FILE
        self._whole = 0
        """Epochs that are known to be in the file, whole and in order."""
        self._lasts = True

    def write(self, epochs: Sequence[EpochEnded]) -> None:
        """Brings the file up to all epochs so far: adds the last to those before it, or else writes them all. Raises OSError."""
        known, self._whole = self._whole, 0
        if known and known == len(epochs) - 1:
            with open(self._path, "ab") as file:  # noqa: PTH123
                file.write(_lines(epochs[-1:]).encode())
            self._lasts = False
        else:
            atomic_write(self._path, to_csv(epochs))
            self._lasts = True
        self._whole = len(epochs)

    def sync(self) -> None:
        """Makes what was written last through a loss of power. Raises OSError."""
        if self._lasts:
            return
        known, self._whole = self._whole, 0
        with open(self._path, "ab") as file:  # noqa: PTH123
            os.fsync(file.fileno())
        self._whole, self._lasts = known, True


def to_csv(epochs: Sequence[EpochEnded]) -> str:
    """All of metrics.csv."""
    return ",".join(COLUMNS) + "\n" + _lines(epochs)


def _lines(epochs: Sequence[EpochEnded]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n").writerows(asdict(epoch) for epoch in epochs)
    return text.getvalue()


def read_metrics(directory: Path) -> list[EpochEnded]:
    """The epochs of the run in ``directory``; none where there is no metrics.csv. A last line without its end does not count: its writer
    was killed. Raises RunError for any other line that is none, and OSError.
    """
    file = directory / METRICS_FILE
    if not file.exists():
        return []
    whole, _, _ = file.read_bytes().decode("utf-8", "replace").rpartition("\n")
    rows = csv.DictReader(io.StringIO(whole), restkey="rest")
    adapter = TypeAdapter(EpochEnded)
    epochs: list[EpochEnded] = []
    try:
        epochs.extend(adapter.validate_python(_values(row)) for row in rows)
    except (ValidationError, csv.Error):
        raise RunError(f"{file}, line {rows.line_num} is not a line of metrics", "Remove the file to go on without it.") from None
    return epochs


def _values(row: Mapping[str, str | None]) -> dict[str, str | None]:
    """Of a line; None where there is no number. The member is left out where there is none: of older runs."""
    return {key: value or None for key, value in row.items() if key != "member" or value}
