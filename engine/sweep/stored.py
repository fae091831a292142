"""Sweeps that are not going on, as they were left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.runs.names import SWEEPS_DIRECTORY
from engine.storage.lock import is_locked
from engine.sweep.error import SweepError
from engine.sweep.request import Settings
from engine.sweep.results import BUDGET, RESULT, SEED_RUNS, SETTINGS, Row, SeedRun, best_first, ranking, row_of
from engine.sweep.study_file import StudyFile


@dataclass(frozen=True)
class StoredSweep:
    """What a study file says of its sweep."""

    name: str
    settings: Settings
    trials: int | None
    """What was asked for last; and so the next."""
    minutes: float | None
    rows: list[Row]
    """The best first."""
    ranking: list[dict[str, Any]]
    """As ``events.Seeds.ranking``; empty before there is any."""
    winner: dict[str, Any] | None
    """As ``events.SweepFinished.winner``."""
    is_running: bool
    """Whether a coordinator has it."""


def list_sweeps(root: Path) -> list[Path]:
    """The study files under a runs directory, the newest first."""
    return sorted((root / SWEEPS_DIRECTORY).glob("*.db"), key=lambda path: path.stat().st_mtime, reverse=True)


def lock_path(study: Path) -> Path:
    """The lock of a study's coordinator."""
    return study.with_name(f".{study.stem}.lock")


def read_sweep(study: Path) -> StoredSweep:
    """What a study file holds. Raises SweepError where it is not there, or was not written by this program."""
    if not study.is_file():
        raise SweepError(f"there is no sweep {study.stem!r} in {study.parent}", "`digits-tui sweep --name NAME` begins one.")
    file = StudyFile(study)
    try:
        settings = Settings.from_plain(file.attribute(SETTINGS), str(study))
        trials, minutes = file.attribute(BUDGET) or (None, None)
        rows = [row_of(trial, settings.spaces) for trial in file.trials]
        runs = [SeedRun(**plain) for plain in file.attribute(SEED_RUNS) or []]
        by_number = {row.trial: row for row in rows}
        return StoredSweep(
            name=study.stem,
            settings=settings,
            trials=trials,
            minutes=minutes,
            rows=best_first(rows),
            ranking=ranking(runs, by_number),
            winner=file.attribute(RESULT),
            is_running=is_locked(lock_path(study)),
        )
    finally:
        file.close()
