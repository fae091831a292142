"""A run's mark: a person picked it out, to be compared with others or kept. An empty file, which the run's process leaves alone."""

from __future__ import annotations

from pathlib import Path

MARK_FILE = "marked"


def set_mark(path: Path, is_marked: bool) -> None:
    """Marks the run in ``path``, or takes its mark away. Raises OSError."""
    if is_marked:
        (path / MARK_FILE).touch()
    else:
        (path / MARK_FILE).unlink(missing_ok=True)


def is_marked(path: Path) -> bool:
    return (path / MARK_FILE).exists()
