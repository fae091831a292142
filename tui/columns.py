"""Columns of a table of which not all may have room, and its order by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Column(Generic[Entry]):
    title: str
    width: int
    text: Callable[[Entry], str]
    order: Callable[[Entry], Any]
    """What items are ordered by; None comes last."""
    falls: bool = False
    """Whether the greatest comes first, unless that is turned round."""
    is_text: bool = False
    long_title: str = ""
    """Where there is room for more."""

    @property
    def words(self) -> str:
        return self.long_title or self.title


def ordered_by(column: Column[Entry], ranked: Iterable[Entry], reverse: bool) -> list[Entry]:
    """Items by a column, those without a value last; equals as they are ranked."""
    items = list(ranked)
    known = [item for item in items if column.order(item) is not None]
    unknown = [item for item in items if column.order(item) is None]
    known.sort(key=column.order, reverse=column.falls != reverse)
    return [*known, *unknown]


def fitting(columns: Sequence[Column[Entry]], first: int, width: int, gap: int) -> list[int]:
    """The columns from ``first`` on that there is room for, at least one."""
    found: list[int] = []
    for number in range(first, len(columns)):
        width -= columns[number].width + gap
        if width < -gap and found:
            break
        found.append(number)
    return found
