"""Where what goes wrong is written down: files in the user's log directory."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

import platformdirs


def log_file(name: str) -> Path:
    return Path(platformdirs.user_log_dir("digits-tui", appauthor=False)) / name


def error_log() -> Path:
    return log_file("errors.log")


def append(text: str) -> Path:
    """Adds text, under the time, to the log; the log's path. Raises OSError."""
    path = error_log()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {text}\n")
    return path


def note(line: str) -> None:
    """A line in the log, where there can be one: it is not worth a failure."""
    with contextlib.suppress(OSError):
        append(line)
