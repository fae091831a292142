"""Text by the columns that it takes: wide characters take two."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def flush_right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def cropped(text: str, width: int) -> str:
    """At most so many columns of it."""
    return set_cell_size(text, min(width, cell_len(text)))
