"""Where the worker's standard error goes: the only clue when a driver ends it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import BinaryIO

from tui.log import log_file

LARGEST = 1_000_000
"""Bytes after which the log is set aside and a new one begun."""
LONGEST_LINE = 2_000
"""Bytes of a line that are kept, and shown."""


class ProcessLog:
    """A file that workers append to, one after the other."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or log_file("worker.log")
        self._start = 0

    def open(self) -> BinaryIO:
        """The file, at its end, for the next worker. Raises OSError where it cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > LARGEST:
            self.path.replace(self.path.with_suffix(".old.log"))
        file = self.path.open("ab")
        self._start = file.seek(0, os.SEEK_END)
        return file

    def write(self, line: bytes) -> None:
        """Keeps the beginning of a line that the worker wrote where an event was expected; it is not worth a failure."""
        with contextlib.suppress(OSError), self.path.open("ab") as file:
            file.write(line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + b" ...\n")

    def tail(self, lines: int = 12) -> str:
        """The last lines since ``open``."""
        with self.path.open("rb") as file:
            file.seek(max(self._start, file.seek(0, os.SEEK_END) - lines * LONGEST_LINE))
            text = file.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])
