"""Moves sweeps to the trash of their runs directory, and back. One in the trash is a directory of its own there, with all its files."""

from __future__ import annotations

from pathlib import Path

from engine.runs.error import RunError
from engine.runs.names import SWEEPS_DIRECTORY, TRASH
from engine.storage.files import free_path
from engine.storage.lock import holding
from engine.sweep.stored import lock_path

SUFFIXES = (".db", ".db-wal", ".db-shm", "")
"""Of what belongs to a sweep, after its name: the study, what its writer left beside it, and the directory of its models."""


def sweep_files(study: Path) -> list[Path]:
    """What there is of the sweep with this study file."""
    paths = (study.with_name(study.stem + suffix) for suffix in SUFFIXES)
    return [path for path in paths if path.exists()]


def delete_sweep(study: Path) -> Path:
    """Moves a sweep to the trash; its directory there. Raises RunError where it is going on, and OSError."""
    trash = study.parent.parent / TRASH / SWEEPS_DIRECTORY
    target = free_path(trash / study.stem)
    with holding(lock_path(study), RunError(f"the sweep {study.stem} is going on", "Wait for it to end, or stop it.")):
        target.mkdir(parents=True)
        for path in sweep_files(study):
            path.rename(target / path.name)
    return target


def list_deleted_sweeps(root: Path) -> list[Path]:
    """The directories of the sweeps in the trash of ``root``. Raises OSError."""
    trash = root / TRASH / SWEEPS_DIRECTORY
    return sorted(path for path in trash.iterdir() if path.is_dir()) if trash.is_dir() else []


def restore_sweep(deleted: Path) -> Path:
    """Moves a sweep from its directory in the trash back; its study file. Raises RunError where its name is taken, and OSError."""
    sweeps = deleted.parent.parent.parent / SWEEPS_DIRECTORY
    sweeps.mkdir(exist_ok=True)
    paths = list(deleted.iterdir())
    for path in paths:
        if (sweeps / path.name).exists():
            raise RunError(f"there is a sweep {path.stem!r} in {sweeps} again", "Move that one away first.")
    for path in paths:
        path.rename(sweeps / path.name)
    deleted.rmdir()
    return next((sweeps / path.name for path in paths if path.suffix == ".db"), sweeps)
