"""Paths as a person writes them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: Path | str) -> Path:
    """The path with the home directory in place of ``~`` or ``~user``. Unlike ``Path.expanduser``, it takes the home of a user that there
    is not for a name like any other: that there is no such path is told where it is looked for.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111
