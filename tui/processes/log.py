"""Where the worker's standard error goes: the only clue when a driver ends it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from tui.log import log_file
from tui.wording import in_one_line

LARGEST = 1_000_000
"""Bytes after which the log is set aside and a new one begun."""
LONGEST_LINE = 2_000
"""Bytes of a line that are kept, and shown."""
MOST_SHOWN = 200
"""Characters of a worker's last words."""


class ProcessLog:
    """A file that workers append to, one after the other."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or log_file("worker.log")
        self._start = 0

    def open(self) -> BinaryIO:
        """The file, at its end, for the next worker; a temporary one where the home directory cannot be written to. Raises OSError."""
        try:
            file = self._open()
        except OSError:
            descriptor, path = tempfile.mkstemp(prefix=f"{self.path.stem}-", suffix=self.path.suffix)
            self.path, file = Path(path), os.fdopen(descriptor, "ab")
        self._start = file.seek(0, os.SEEK_END)
        return file

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > LARGEST:
            self.path.replace(self.path.with_suffix(".old.log"))
        return self.path.open("ab")

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

    def last_words(self) -> str:
        """The last line since ``open`` that says something, fit to be shown; empty where there is none."""
        said = [words for line in self.tail().splitlines() if (words := in_one_line(line))]
        return said[-1][:MOST_SHOWN] if said else ""
