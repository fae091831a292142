"""Where jump mode can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual.geometry import Offset


class JumpTarget(NamedTuple):
    """Where its letter is shown, and what goes there."""

    offset: Offset
    go: Callable[[], object]
