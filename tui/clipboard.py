"""The system's clipboard, for terminals that do not take text from programs."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def copy(text: str) -> bool:
    """Whether it could be done, by pyperclip where that is installed. Slow: it runs a program."""
    return _try(lambda pyperclip: pyperclip.copy(text) or True, False)


def paste() -> str:
    """The text in it, or nothing where it cannot be read or holds none. As slow."""
    return _try(lambda pyperclip: str(pyperclip.paste() or ""), "")


def _try(use: Callable[[Any], T], otherwise: T) -> T:
    try:
        pyperclip: Any = importlib.import_module("pyperclip")
    except ImportError:
        return otherwise
    try:
        return use(pyperclip)
    except pyperclip.PyperclipException:
        return otherwise
