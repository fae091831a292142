"""How commands print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


def echo_json(value: Any) -> None:
    from engine.events import dumps

    click.echo(dumps(value))


def printable(text: str) -> str:
    """Text as a terminal may have it: what would lead it astray, as names of files can, is replaced."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def encodable(text: str) -> str:
    """Text that UTF-8 can hold: bytes of a file's name that are not of it are replaced."""
    return text.encode(errors="replace").decode()


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, each as wide as its widest cell."""
    from rich.cells import cell_len, set_cell_size

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(set_cell_size, row, widths)).rstrip() for row in rows)


def confusion_matrix(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """The counts with their classes, in columns of one width, under a title."""
    from rich.cells import cell_len

    from tui.cells import flush_right

    cells = [["", *classes], *([name, *map(str, row)] for name, row in zip(classes, confusion, strict=True))]
    width = max(cell_len(cell) for row in cells for cell in row) + 1
    title = "Confusion matrix: a row for each target, a column for each prediction"
    return "\n".join([title, *("".join(flush_right(cell, width) for cell in row) for row in cells)])
