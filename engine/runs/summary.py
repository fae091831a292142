"""What is known of a run in few words: summary.json, and what is found beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.runs.marks import is_marked
from engine.runs.names import LOCK_FILE, SUMMARY_FILE
from engine.runs.notes import read_note
from engine.storage.files import bytes_in
from engine.storage.lock import is_locked

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


def read_summary(path: Path) -> Summary:
    """A run's summary, its state as it is now; little more than its name where summary.json is missing or damaged. Raises OSError."""
    summary = stored_summary(path)
    if is_locked(path / LOCK_FILE):
        return summary.model_copy(update={"state": "running"})
    return summary.model_copy(update={"state": "interrupted"}) if summary.state == "running" else summary


def stored_summary(path: Path) -> Summary:
    """The same, with the state that the run's process wrote last."""
    problem = ""
    try:
        summary = Summary.model_validate_json((path / SUMMARY_FILE).read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        problem = f"{path / SUMMARY_FILE} is {'missing' if isinstance(error, FileNotFoundError) else 'damaged'}."
        changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        summary = Summary(name=path.name, path=str(path), when=changed.isoformat(timespec="seconds"))
    found = {"note": read_note(path), "is_marked": is_marked(path), "bytes": bytes_in(path), "problem": problem}
    return summary.model_copy(update={"name": path.name, "path": str(path), **found})
