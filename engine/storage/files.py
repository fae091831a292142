"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"
REPLACE_TRIES = 20
REPLACE_PAUSE = 0.05
"""Seconds between tries to replace a file that another process has open, which Windows does not allow."""


def atomic_write(path: Path, *parts: bytes | memoryview | str) -> None:
    """Writes a file so that a reader, or a crash at any moment, finds the old content or the new, never a part.

    A temporary file in the same directory is written, flushed to the disk and renamed; text is UTF-8; the mode follows the umask; a
    symbolic link stays, its target is replaced. Raises OSError, which names the file, after removing the temporary one.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}")
    try:
        with open(temporary, "xb") as file:  # noqa: PTH123
            for part in parts:
                file.write(part.encode() if isinstance(part, str) else part)
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def replace(source: Path, target: Path) -> None:
    """Renames within a directory, over an existing file, and makes the renaming last. Raises OSError."""
    for remaining in reversed(range(REPLACE_TRIES)):
        try:
            source.replace(target)
            break
        except PermissionError:
            if os.name != "nt" or not remaining:
                raise
            time.sleep(REPLACE_PAUSE)
    sync_directory(target.parent)


def free_path(path: Path) -> Path:
    """``path``, or, where that is taken, the first of its name with ``-2``, ``-3`` …"""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def sync_directory(directory: Path) -> None:
    """Makes new names in a directory last through a loss of power, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(directory: Path) -> None:
    """Removes the temporary files of ``atomic_write`` calls that were killed. Only for a directory that nobody else is writing to. Raises
    OSError.
    """
    for temporary in directory.glob(f".*{TEMPORARY_SUFFIX}"):
        temporary.unlink(missing_ok=True)


def bytes_in(directory: Path) -> int:
    """What the files in a directory and in those in it take; none where there is no such directory. Links count nothing, nor does what
    vanishes meanwhile. Raises OSError.
    """
    taken = 0
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.is_dir(follow_symlinks=False):
                    taken += bytes_in(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    taken += entry.stat(follow_symlinks=False).st_size
    return taken
