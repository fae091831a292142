"""What is done to runs from the dashboard, and how each of it is undone. Knows no widgets; everything here touches the disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

Moves = tuple[tuple[Path, Path], ...]
"""Directories before and after."""


@dataclass(frozen=True)
class Deed:
    title: str
    """What was done, in words."""
    undo: Callable[[], Moves]
    """Raises RunError and OSError."""
    moves: Moves = ()


def delete(paths: Sequence[Path]) -> Deed:
    """Moves runs to the trash. Raises RunError where one is in use, before any is moved, and OSError."""
    from engine.runs.moves import delete_runs

    moves = tuple(zip(paths, delete_runs(paths), strict=True))
    what = paths[0].name if len(paths) == 1 else f"{len(paths)} runs"
    return Deed(f"{what} moved to the trash", partial(_bring_back, moves), moves)


def _bring_back(moves: Moves) -> Moves:
    from engine.runs.moves import rename_run, restore_run

    for before, now in moves:
        root = before.parent
        restored = restore_run(root, now.name)
        if restored != before:
            rename_run(restored, before.name)
    return tuple((now, before) for before, now in moves)


def rename(path: Path, name: str) -> Deed:
    """Raises RunError for a run in use and a name that is taken or cannot be one, and OSError."""
    from engine.runs.moves import rename_run

    now = rename_run(path, name)

    def undo() -> Moves:
        return ((now, rename_run(now, path.name)),)

    return Deed(f"{path.name} renamed to {name}", undo, ((path, now),))


def note(path: Path, text: str) -> Deed:
    """Raises RunError for a text that is too long, and OSError."""
    from engine.runs.notes import read_note, write_note

    before = read_note(path)
    write_note(path, text)

    def undo() -> Moves:
        write_note(path, before)
        return ()

    return Deed(f"Note about {path.name} {'written' if text.strip() else 'taken away'}", undo)


def mark(paths: Sequence[Path], is_marked: bool) -> Deed:
    """Raises OSError."""
    from engine.runs.marks import set_mark

    def put(value: bool) -> Moves:
        for path in paths:
            set_mark(path, value)
        return ()

    put(is_marked)
    what = paths[0].name if len(paths) == 1 else f"{len(paths)} runs"
    return Deed(f"{what} {'marked' if is_marked else 'no longer marked'}", partial(put, not is_marked))
