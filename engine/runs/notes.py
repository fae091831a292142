"""A run's note: what a person says about it, in a file of its own, which the run's process leaves alone."""

from __future__ import annotations

from pathlib import Path

from engine.runs.error import RunError
from engine.storage.files import atomic_write

NOTE_FILE = "note.txt"
LONGEST_NOTE = 10_000
"""Characters."""


def write_note(path: Path, text: str) -> None:
    """Replaces the note of the run in ``path``; an empty text takes it away. Raises RunError where it is too long, and OSError."""
    if len(text) > LONGEST_NOTE:
        raise RunError(f"the note has {len(text):,} characters", f"Use at most {LONGEST_NOTE:,}.")
    if text.strip():
        atomic_write(path / NOTE_FILE, text.strip() + "\n")
    else:
        (path / NOTE_FILE).unlink(missing_ok=True)


def read_note(path: Path) -> str:
    """The note of the run in ``path``, without control characters; empty where there is none. Raises OSError."""
    try:
        with open(path / NOTE_FILE, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            text = file.read(LONGEST_NOTE)
    except FileNotFoundError:
        return ""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text).strip()
