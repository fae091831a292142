"""Where what goes wrong is written down: a file in the user's log directory."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import platformdirs


def error_log() -> Path:
    return Path(platformdirs.user_log_dir("digits-tui", appauthor=False)) / "errors.log"


def append(text: str) -> Path:
    """Adds text, under the time, to the log; the log's path. Raises OSError."""
    path = error_log()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {text}\n")
    return path
