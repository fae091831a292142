"""What runs and their files are called, and where they are kept. It imports next to nothing, so that a wrong name is refused before
anything is waited for.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from dataset.paths import expanded
from engine.runs.error import RunError

SWEEPS_DIRECTORY = "sweeps"
"""Beside the runs; none may be called so."""

HYPERPARAMETERS_FILE = "hyperparameters.toml"
EVENTS_FILE = "events.jsonl"
SUMMARY_FILE = "summary.json"
SNAPSHOT_FILE = "snapshot.safetensors"
LOCK_FILE = ".lock"
TRASH = ".trash"
"""Beside the runs: those that were deleted, with all their files."""

RUNS_DIRECTORY_VARIABLE = "DIGITS_TUI_RUNS_DIR"

MAXIMUM_LENGTH = 100
MAXIMUM_BYTES = 200
"""File systems take 255, and some files' names are longer than their run's."""


def runs_directory(chosen: Path | str | None = None) -> Path:
    """Where runs are kept: the chosen directory, that of the environment's DIGITS_TUI_RUNS_DIR, or ``runs`` in the user's data
    directory.
    """
    named = chosen or os.environ.get(RUNS_DIRECTORY_VARIABLE)
    return expanded(named).absolute() if named else Path(platformdirs.user_data_dir("digits-tui", appauthor=False)) / "runs"


def is_run(path: Path) -> bool:
    """Whether a directory holds a run."""
    return (path / HYPERPARAMETERS_FILE).is_file()


def name_taken(path: Path, or_else: str = "") -> RunError:
    """The error for a run that cannot go where another one is. ``or_else`` is what can be done other than to choose another name."""
    return RunError(f"there is already a run {path.name!r} in {path.parent}", f"Choose another name{or_else}.")


def study_path(root: Path, name: str) -> Path:
    """The study file of a sweep, in a runs directory."""
    return root / SWEEPS_DIRECTORY / f"{name}.db"


def trial_model(directory: Path, trial: int) -> Path:
    """Where the model of a sweep's trial is, if it is kept."""
    return directory / f"trial-{trial}.safetensors"


def check_name(name: str) -> None:
    """Raises RunError for what cannot be a run's name."""
    if name == SWEEPS_DIRECTORY:
        raise RunError(f"{name!r} cannot be a run's name: it is where sweeps are kept", "Choose another name.")
    if not re.fullmatch(r"\w[\w.+ -]*", name) or name.endswith((".", " ")):
        raise RunError(f"{name!r} cannot be a run's name", "Use letters, digits, '_', '-', '+', '.' and spaces, a letter or digit first.")
    if len(name) > MAXIMUM_LENGTH or len(name.encode()) > MAXIMUM_BYTES:
        raise RunError(f"{name!r} is too long for a run's name", f"Use at most {MAXIMUM_LENGTH} letters, fewer where they are not Latin.")


def check_new_name(name: str, root: Path) -> None:
    """Raises RunError for what cannot be the name of a new run under ``root``."""
    check_name(name)
    if (root / name).exists():
        raise new_name_taken(root / name)


def new_name_taken(path: Path) -> RunError:
    """The error for a new run that would go where another one is."""
    return name_taken(path, ", or go on with it by --resume")
