"""What in a runs directory can go: checkpoints that nothing goes on from, and runs and sweeps that nobody will miss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from engine.checkpoint import CHECKPOINT_FILE, PREVIOUS_CHECKPOINT_FILE
from engine.runs.index import list_runs
from engine.runs.moves import delete_runs, held
from engine.runs.summary import Summary
from engine.storage.files import bytes_in
from engine.storage.lock import is_locked
from engine.sweep.moves import delete_sweep, sweep_files
from engine.sweep.stored import list_sweeps, lock_path

LEAVABLE = ("finished", "stopped", "failed", "interrupted")
"""States of runs that may go."""


@dataclass(frozen=True)
class Removal:
    """Something that can go."""

    kind: Literal["checkpoint", "run", "sweep"]
    """A checkpoint is deleted for good; a run or a sweep goes to the trash."""
    path: Path
    """The run's directory, or the sweep's study."""
    bytes: int

    @property
    def name(self) -> str:
        return self.path.stem if self.kind == "sweep" else self.path.name


@dataclass(frozen=True)
class Criteria:
    """What has to be so for a run to go. Of those that are None nothing is asked."""

    older_than: float | None = None
    """Days."""
    worse_than: float | None = None
    """Accuracy, as a fraction; a run without any is worse."""
    keep: int | None = None
    """So many of the best stay."""


def needless_checkpoints(root: Path) -> list[Removal]:
    """The checkpoints of runs that have finished: nothing goes on from them. Raises OSError."""
    found = ((Path(summary.path), _checkpoints(Path(summary.path))) for summary in list_runs(root) if summary.state == "finished")
    return [Removal("checkpoint", path, sum(file.stat().st_size for file in files)) for path, files in found if files]


def outdated_runs(root: Path, criteria: Criteria, now: datetime) -> list[Removal]:
    """The runs that meet all criteria, the newest first. One that is marked, is going on, or cannot be read stays. Raises OSError."""
    runs = list_runs(root)
    ranked = sorted(runs, key=lambda summary: summary.best_accuracy or 0.0, reverse=True)
    kept = {summary.name for summary in ranked[: criteria.keep or 0]}
    return [
        Removal("run", Path(summary.path), summary.bytes)
        for summary in runs
        if summary.state in LEAVABLE and not summary.is_marked and summary.name not in kept and _meets(summary, criteria, now)
    ]


def outdated_sweeps(root: Path, older_than: float, now: datetime) -> list[Removal]:
    """The sweeps that nothing was added to for so many days and that are not going on. Raises OSError."""
    limit = (now - timedelta(days=older_than)).timestamp()
    studies = (study for study in list_sweeps(root) if study.stat().st_mtime < limit and not is_locked(lock_path(study)))
    return [Removal("sweep", study, _taken(sweep_files(study))) for study in studies]


def remove(removals: Sequence[Removal]) -> None:
    """Raises RunError for what is in use by now, and OSError."""
    for removal in removals:
        match removal.kind:
            case "checkpoint":
                with held(removal.path):
                    for file in _checkpoints(removal.path):
                        file.unlink()
            case "run":
                delete_runs([removal.path])
            case "sweep":
                delete_sweep(removal.path)


def _checkpoints(run: Path) -> list[Path]:
    return [file for file in (run / CHECKPOINT_FILE, run / PREVIOUS_CHECKPOINT_FILE) if file.is_file()]


def _meets(summary: Summary, criteria: Criteria, now: datetime) -> bool:
    if criteria.older_than is not None and not _is_older(summary.when, now - timedelta(days=criteria.older_than)):
        return False
    return criteria.worse_than is None or (summary.best_accuracy or 0.0) < criteria.worse_than


def _is_older(when: str, limit: datetime) -> bool:
    try:
        return datetime.fromisoformat(when).astimezone() < limit
    except ValueError:
        return False


def _taken(paths: Iterable[Path]) -> int:
    return sum(bytes_in(path) if path.is_dir() else path.stat().st_size for path in paths)
