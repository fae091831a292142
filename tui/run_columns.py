"""The columns of the table of runs, and its order. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import formats

if TYPE_CHECKING:
    from engine.runs import Summary

NAME_WIDTH = (12, 32)
"""The least and the most."""
RESUMABLE = ("interrupted", "stopped", "failed")
"""States of runs that can be gone on with."""


@dataclass(frozen=True)
class Column:
    title: str
    width: int
    text: Callable[[Summary], str]
    order: Callable[[Summary], Any]
    """What runs are ordered by; None comes last."""
    falls: bool = False
    """Whether the greatest comes first, unless that is turned round."""
    is_text: bool = False
    long_title: str = ""
    """Where there is room for more."""

    @property
    def words(self) -> str:
        return self.long_title or self.title


def line(text: str) -> str:
    """Text of whatever kind in one line, without what a terminal would obey."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def device(summary: Summary) -> str:
    return line(formats.device(summary.device)) if summary.device.keys() >= {"name", "kind"} else ""


def started(summary: Summary) -> str:
    return line(summary.when[:16].replace("T", " "))


def best_epoch(summary: Summary) -> str:
    """``12 of 20``, of an ensemble ``494 of member 4``: as that member counts its own."""
    if summary.best_member > 1 and summary.best_member_epoch:
        return f"{summary.best_member_epoch} of member {summary.best_member}"
    return f"{summary.best_epoch} of {summary.epochs}"


def _measured(text: Callable[[Any], str], value: Any) -> str:
    return "" if value is None else text(value)


NAME = Column("name", NAME_WIDTH[0], lambda run: line(run.name), lambda run: run.name.casefold(), is_text=True)
STARTED = Column("started", 16, started, lambda run: run.when or None, falls=True, is_text=True)
NOTE = Column("note", 12, lambda run: line(run.note or run.problem), lambda run: line(run.note).casefold() or None, is_text=True)
COLUMNS = (
    NAME,
    Column(
        "test",
        7,
        lambda run: _measured(formats.percent, run.test_accuracy),
        lambda run: run.test_accuracy,
        falls=True,
        long_title="test accuracy",
    ),
    Column(
        "valid.",
        7,
        lambda run: _measured(formats.percent, run.validation_accuracy),
        lambda run: run.validation_accuracy,
        falls=True,
        long_title="validation accuracy",
    ),
    Column("epochs", 6, lambda run: str(run.epochs) if run.epochs else "", lambda run: run.epochs or None, falls=True),
    Column("time", 7, lambda run: formats.clock(run.seconds) if run.epochs else "", lambda run: run.seconds or None),
    Column("state", 11, lambda run: run.state, lambda run: run.state, is_text=True),
    Column("test loss", 9, lambda run: _measured(formats.short_decimals, run.test_loss), lambda run: run.test_loss),
    Column("preset", 9, lambda run: line(run.preset or ""), lambda run: run.preset or None, is_text=True),
    Column("device", 12, device, lambda run: device(run) or None, is_text=True),
    Column("size", 8, lambda run: formats.size(run.bytes), lambda run: run.bytes, falls=True),
    Column("data set", 13, lambda run: line(run.dataset), lambda run: run.dataset or None, is_text=True),
    STARTED,
    NOTE,
)
"""The first stays in sight wherever the table is scrolled to, the last takes what room is left."""


def ordered(runs: Iterable[Summary], column: Column, reverse: bool) -> list[Summary]:
    """Runs by a column, those without a value last; of equals the newer one first."""
    ranked = sorted(runs, key=lambda run: (run.when, run.name), reverse=True)
    known = [run for run in ranked if column.order(run) is not None]
    unknown = [run for run in ranked if column.order(run) is None]
    known.sort(key=column.order, reverse=column.falls != reverse)
    return [*known, *unknown]


def name_width(runs: Sequence[Summary]) -> int:
    least, most = NAME_WIDTH
    return max(least, min(most, max((len(run.name) for run in runs), default=0)))
