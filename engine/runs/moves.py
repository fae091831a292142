"""Moves runs: to another name, to the trash and back. The trash is a directory beside the runs, whose runs keep their files."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.runs.error import RunError, in_use
from engine.runs.index import list_runs
from engine.runs.names import LOCK_FILE, TRASH, check_name, is_run, name_taken
from engine.runs.summary import Summary
from engine.storage.files import free_path
from engine.storage.lock import holding, is_locked


def rename_run(path: Path, name: str) -> Path:
    """Gives a run another name; its new directory. Raises RunError for a run in use and a name that is taken or cannot be one, and
    OSError.
    """
    check_name(name)
    target = path.with_name(name)
    if target.exists():
        raise name_taken(target)
    _move(path, target)
    return target


def delete_runs(paths: Sequence[Path]) -> list[Path]:
    """Moves runs to the trash of their directory; where they are now. One whose name is taken there gets a number.

    Raises RunError, before any is moved, where one is in use or in the trash already, and OSError.
    """
    for path in paths:
        if is_locked(path / LOCK_FILE):
            raise in_use(path)
        if path.parent.name == TRASH:
            raise RunError(f"the run {path.name} is in the trash already", "`digits-tui runs trash --empty` deletes it for good.")
    return [_delete(path) for path in dict.fromkeys(paths)]


def restore_run(root: Path, name: str) -> Path:
    """Moves a run from the trash of ``root`` back; its directory. Raises RunError for one that is not there, or whose name is taken, and
    OSError.
    """
    path, target = root / TRASH / name, root / name
    if Path(name).name != name or not is_run(path):
        raise RunError(f"there is no run {name!r} in the trash of {root}", "`digits-tui runs trash` lists the runs there are.")
    if target.exists():
        raise RunError(f"there is a run {name!r} in {root} again", f"Give that one another name: digits-tui runs rename {name} NAME")
    _move(path, target)
    return target


def list_trash(root: Path) -> list[Summary]:
    """The runs in the trash of ``root``, the newest first. Raises OSError."""
    return list_runs(root / TRASH)


def empty_trash(root: Path) -> None:
    """Deletes for good what is in the trash of ``root``. Raises RunError where a run there is in use, and OSError."""
    trash = root / TRASH
    paths = list(trash.iterdir()) if trash.is_dir() else []
    for path in paths:
        if is_locked(path / LOCK_FILE):
            raise in_use(path)
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _delete(path: Path) -> Path:
    trash = path.parent / TRASH
    trash.mkdir(exist_ok=True)
    target = free_path(trash / path.name)
    _move(path, target)
    return target


def _move(path: Path, target: Path) -> None:
    with held(path):
        path.rename(target)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps everybody else off a run. Raises RunError where it is in use."""
    with holding(path / LOCK_FILE, in_use(path)) as lock:
        if os.name == "nt":  # where no directory moves that holds an open file
            lock.release()
        yield
