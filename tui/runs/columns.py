"""The columns of the table of runs, and its order. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tui import formats
from tui.columns import Column, ordered_by
from tui.wording import in_one_line

if TYPE_CHECKING:
    from engine.runs.summary import Summary

NAME_WIDTH = (12, 32)
"""The least and the most."""
RESUMABLE = ("interrupted", "stopped", "failed")
"""States of runs that can be gone on with."""


def device(summary: Summary) -> str:
    return in_one_line(formats.device(summary.device)) if summary.device.keys() >= {"name", "kind"} else ""


def started(summary: Summary) -> str:
    return in_one_line(summary.when[:16].replace("T", " "))


def parameters(summary: Summary, unit: str = "") -> str:
    """Of an ensemble, those of one of its members."""
    return f"{summary.parameters:,}{unit}" + (" a member" if summary.best_member > 1 else "")


def kept_epoch(summary: Summary) -> str:
    """``12 of 20``, of an ensemble ``494 of member 4``: as that member counts its own."""
    if summary.best_member > 1 and summary.best_member_epoch:
        return f"{summary.best_member_epoch} of member {summary.best_member}"
    return f"{summary.best_epoch} of {summary.epochs}"


def _measured(text: Callable[[Any], str], value: Any) -> str:
    return "" if value is None else text(value)


NAME: Column[Summary] = Column("name", NAME_WIDTH[0], lambda run: in_one_line(run.name), lambda run: run.name.casefold(), is_text=True)
STARTED: Column[Summary] = Column("started", 16, started, lambda run: run.when or None, falls=True, is_text=True)
NOTE: Column[Summary] = Column(
    "note", 12, lambda run: in_one_line(run.note or run.problem), lambda run: in_one_line(run.note).casefold() or None, is_text=True
)
COLUMNS: tuple[Column[Summary], ...] = (
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
    Column("preset", 9, lambda run: in_one_line(run.preset or ""), lambda run: run.preset or None, is_text=True),
    Column("device", 12, device, lambda run: device(run) or None, is_text=True),
    Column("size", 8, lambda run: formats.size(run.bytes), lambda run: run.bytes, falls=True),
    Column("data set", 13, lambda run: in_one_line(run.dataset), lambda run: run.dataset or None, is_text=True),
    STARTED,
    NOTE,
)
"""The first stays in sight wherever the table is scrolled to, the last takes what room is left."""


def ordered(runs: Iterable[Summary], column: Column[Summary], reverse: bool) -> list[Summary]:
    """Runs by a column, those without a value last; of equals the newer one first."""
    ranked = sorted(runs, key=lambda run: (run.when, run.name), reverse=True)
    return ordered_by(column, ranked, reverse)


def name_width(runs: Sequence[Summary]) -> int:
    least, most = NAME_WIDTH
    return max(least, min(most, max((len(run.name) for run in runs), default=0)))
