"""The columns of the table of trials, and its order. Knows no widgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.hyperparameters.table import HYPERPARAMETERS
from engine.sweep.results import Row, best_first
from engine.sweep.space import Choices, Space
from tui import formats
from tui.columns import Column, ordered_by
from tui.form.draft import told
from tui.sweep.draft import label

NUMBER = 8
"""Columns of a number in a range."""
SMALL = 0.01
"""Numbers below are written with an exponent."""


def brief(value: Any) -> str:
    """A hyperparameter's value in a few characters."""
    if isinstance(value, float):
        if value and abs(value) < SMALL:
            return formats.scientific(value)
        return f"{value:.4g}"
    return told(value)


def two_lines(text: str) -> tuple[str, str]:
    """The first word and the rest; a single word below nothing."""
    first, _, rest = text.partition(" ")
    return (first, rest) if rest else ("", first)


def _reached(row: Row) -> str:
    """Which epoch the accuracy is of, and how many there are."""
    if not row.curve:
        return ""
    return f"{row.best_epoch}/{row.epochs}" if row.best_epoch else f"{row.epochs}"


TRIAL: Column[Row] = Column("trial", 6, lambda row: str(row.trial), lambda row: row.trial)
STATE: Column[Row] = Column("state", 8, lambda row: row.state, lambda row: row.state, is_text=True)
VALUE: Column[Row] = Column(
    "accuracy", 9, lambda row: formats.percent(row.value) if row.value is not None else "", lambda row: row.value, falls=True
)
EPOCHS: Column[Row] = Column("epoch", 6, _reached, lambda row: row.epochs or None, falls=True)
SECONDS: Column[Row] = Column(
    "seconds", 8, lambda row: formats.bare_seconds(row.seconds) if row.seconds else "", lambda row: row.seconds or None
)
FIXED = (TRIAL, STATE, VALUE)
"""In sight wherever the table is scrolled to; the curve comes after them."""


def columns(spaces: dict[str, Space]) -> list[Column[Row]]:
    """All columns, of which ``FIXED`` come first."""
    return [*FIXED, *(_parameter(key, space) for key, space in spaces.items()), EPOCHS, SECONDS]


def _parameter(key: str, space: Space) -> Column[Row]:
    title = label(key)
    texts = [brief(value) for value in space.values] if isinstance(space, Choices) else ["0" * NUMBER]
    is_text = HYPERPARAMETERS[key].kind in ("choice", "bool", "sizes")

    def order(row: Row) -> Any:
        value = row.parameters.get(key)
        return brief(value) if HYPERPARAMETERS[key].kind == "choice" and value is not None else value

    return Column(
        title,
        max(map(len, [*texts, *(f"{part} " for part in two_lines(title))])),
        lambda row: brief(row.parameters[key]) if key in row.parameters else "",
        order,
        is_text=is_text,
    )


def ordered(rows: Iterable[Row], column: Column[Row], reverse: bool) -> list[Row]:
    """Rows by a column, those without a value last; of equals the one with the higher accuracy first, and of these the better one."""
    ranked = sorted(best_first(rows), key=lambda row: -(row.value if row.value is not None else -1.0))
    return ordered_by(column, ranked, reverse)
