"""A disk whose n-th operation fails, as seen by everything that writes a run's files."""

from __future__ import annotations

import builtins
import os
import stat
from pathlib import Path
from typing import Any, Self

import pytest

from engine.runs import metrics, run
from engine.storage import files


class _File:
    """A file that is written; what does not fit is half there."""

    def __init__(self, disk: FailingDisk, file: Any) -> None:
        self._disk, self._file = disk, file

    def write(self, data: Any) -> int:
        try:
            self._disk.operation("write")
        except OSError:
            self._file.write(bytes(data)[: len(data) // 2])
            raise
        written: int = self._file.write(data)
        return written

    def flush(self) -> None:
        self._disk.operation("flush")
        self._file.flush()

    def fileno(self) -> int:
        number: int = self._file.fileno()
        return number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()


class FailingDisk:
    """Counts every operation; number ``at`` fails with ``error``, and, if ``lasting``, all after it. With 0, none does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
        self.operations: list[str] = []
        self.failed: list[str] = []
        self._error = error
        self.fail_at(0)
        replaced, synced, opened = Path.replace, os.fsync, builtins.open

        def replace(source: Path, target: Path) -> Path:
            self.operation(f"rename to {Path(target).name}")
            return replaced(source, target)

        def fsync(descriptor: int) -> None:
            is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            self.operation(f"sync {'directory' if is_directory else 'file'}")
            synced(descriptor)

        def open_file(path: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if mode not in ("xb", "ab", "wb"):
                return opened(path, mode, *arguments, **named)
            self.operation("create" if mode == "xb" else "open")
            return _File(self, opened(path, mode, *arguments, **named))

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(files.os, "fsync", fsync)
        for module in (files, metrics, run):
            monkeypatch.setattr(module, "open", open_file, raising=False)

    def fail_at(self, at: int, lasting: bool = False) -> None:
        self._at, self._lasting = at, lasting
        self.operations.clear()
        self.failed.clear()

    def mend(self) -> None:
        self._at = 0

    def operation(self, name: str) -> None:
        self.operations.append(name)
        number = len(self.operations)
        if self._at and (number == self._at or (self._lasting and number > self._at)):
            self.failed.append(name)
            raise OSError(self._error, os.strerror(self._error))
