"""What is installed only when it is asked for, and how that is done for this very installation."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib import metadata

DISTRIBUTION = "digits-tui"


def how_to_install(extra: str) -> str:
    """A sentence with the command: it installs the packages themselves, for the project is on no index."""
    pip = [sys.executable, "-m", "pip", "install"]
    if importlib.util.find_spec("pip") is None:  # as where uv made the environment
        pip = ["uv", "pip", "install", "--python", sys.executable]
    return f"Install it: {' '.join(map(_quoted, [*pip, *packages(extra)]))}"


def packages(extra: str) -> list[str]:
    """The requirements of an extra, such as ``onnx>=1.20``."""
    required = (requirement.partition(";") for requirement in metadata.requires(DISTRIBUTION) or ())
    return [name.strip() for name, _, marker in required if marker.replace("'", '"').strip() == f'extra == "{extra}"']


def _quoted(word: str) -> str:
    """As shells of every system take it."""
    return word if re.fullmatch(r"[\w./:\\-]+", word) else f'"{word}"'
