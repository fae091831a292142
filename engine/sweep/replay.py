"""A sweep that is over, told once more: the events that a study file still knows of, for who shows sweeps by their events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.events import Event
from engine.sweep.course import CONFIG_FILE, importance
from engine.sweep.events import Seeds, SweepFinished, SweepStarted
from engine.sweep.results import ENDED, SECONDS
from engine.sweep.stored import StoredSweep, read_sweep
from engine.sweep.study import Study
from engine.sweep.study_file import StudyFile

RUNS_ELSEWHERE = "Another process is going on with this sweep; what is shown is how far it was."


def replay(study: Path) -> Iterator[Event]:
    """``sweep_started``, ``importance``, ``seeds`` where it is whole, and ``sweep_finished``. Raises SweepError."""
    stored, directory = read_sweep(study), study.with_suffix("")
    reason = _reason(stored)
    winner = stored.winner if reason != "stopped" else None  # one of an earlier part may not win again
    settings, rows = stored.settings, [row.plain() for row in stored.rows]
    yield SweepStarted(
        **settings.told,
        sweep=stored.name,
        study=str(study),
        directory=str(directory),
        executor="",
        trials=stored.trials,
        minutes=stored.minutes,
        rows=rows,
        notes=[RUNS_ELSEWHERE] if stored.is_running else [],
    )
    file = StudyFile(study)
    try:
        seconds = file.attribute(SECONDS) or 0.0
        told = importance(Study(file, settings.spaces, settings.sampler, settings.pruner, settings.seed))
    finally:
        file.close()
    yield told
    if winner is not None and stored.ranking:
        yield Seeds(ranking=stored.ranking)
    config = directory / CONFIG_FILE
    yield SweepFinished(
        reason=reason,
        rows=rows,
        winner=winner,
        config=str(config) if winner is not None and config.exists() else None,
        models=[str(model) for model in sorted(directory.glob("seed-*.safetensors"))] if winner is not None else [],
        seconds=seconds,
    )


def _reason(stored: StoredSweep) -> str:
    """``stopped`` where there is something to go on with."""
    is_whole = all(row.state in ENDED for row in stored.rows)
    if not is_whole or stored.winner is None or (stored.trials is not None and stored.minutes is None and len(stored.rows) < stored.trials):
        return "stopped"
    return "minutes" if stored.minutes is not None and len(stored.rows) != stored.trials else "trials"
