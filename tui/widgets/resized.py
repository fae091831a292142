"""What a widget tells its screen that shows as much as it has room for."""

from __future__ import annotations

from textual.message import Message


class Resized(Message):
    """There may be room for more, or for less."""
