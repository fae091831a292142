from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.storage import lock


def test_a_file_system_without_locks_leaves_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors: list[int] = []

    def refuse(descriptor: int) -> bool:
        descriptors.append(descriptor)
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_try_lock", refuse)
    with pytest.raises(OSError, match="No locks"):
        lock.Lock(tmp_path / "lock")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptors[0])


def test_what_is_locked_is_told_at_once_and_free_again_after_its_release(tmp_path: Path) -> None:
    held = lock.Lock(tmp_path / "lock")
    with pytest.raises(lock.LockedError):
        lock.Lock(tmp_path / "lock")
    assert lock.is_locked(tmp_path / "lock")
    held.release()
    assert not lock.is_locked(tmp_path / "lock")
