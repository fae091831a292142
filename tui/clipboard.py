"""The system's clipboard, for terminals that do not take text from programs."""

from __future__ import annotations

import importlib
from typing import Any


def copy(text: str) -> bool:
    """Whether it could be done, by pyperclip where that is installed. Slow: it runs a program."""
    try:
        pyperclip: Any = importlib.import_module("pyperclip")
    except ImportError:
        return False
    try:
        pyperclip.copy(text)
    except pyperclip.PyperclipException:
        return False
    return True
