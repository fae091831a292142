"""Reads a file's bytes, or says why not."""

from __future__ import annotations

import stat
from pathlib import Path

from dataset import DatasetError

MAXIMUM_BYTES = 2**30
"""No file is read, and no data is unpacked, beyond this."""


def read(path: Path) -> bytes:
    """The whole file. Raises DatasetError where it is missing, unreadable, not a regular file or larger than ``MAXIMUM_BYTES``."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= MAXIMUM_BYTES:
            return path.read_bytes()
    except FileNotFoundError:
        raise DatasetError(f"{path} does not exist", "Check the path.") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}", "Check the path and its permissions.") from None
    if not stat.S_ISREG(status.st_mode):
        raise DatasetError(f"{path} is not a file", "Check the path.")
    raise DatasetError(f"{path} has {status.st_size:,} bytes; at most {MAXIMUM_BYTES:,} are read", "Use a part of it.")
