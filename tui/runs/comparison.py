"""Runs side by side: what they were trained with, where that differs, and what came of it. Knows no widgets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import formats
from tui.runs.columns import device, kept_epoch, parameters, started
from tui.wording import in_one_line

if TYPE_CHECKING:
    from engine.runs.summary import Summary

FEWEST, MOST = 2, 10
"""Runs that can be compared."""
LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Row:
    title: str
    cells: tuple[str, ...] = ()
    """One a run; none of a heading."""
    best: frozenset[int] = frozenset()
    """The runs with the best value, where there is a best; of an accuracy, those that no other beats beyond chance, unless that are all."""

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True)
class _Fact:
    title: str
    text: Callable[[Summary], str]
    value: Callable[[Summary], float | None] = lambda run: None
    """What is judged, where it can be."""
    falls: bool = False
    """Whether the least is the best."""
    contest: Callable[[Sequence[Summary], Sequence[Mapping[str, Any]]], bool] = lambda runs, hyperparameters: True
    """Whether the runs, with those hyperparameters by dotted key, can be judged by it."""
    is_result: bool = False
    """Whether it is shown though all have the same."""
    digits: Callable[[Summary], int] | None = None
    """Of an accuracy, how many digits it is of; 0 where that is not known."""


def _are_of_one_length(runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]]) -> bool:
    return len({run.epochs for run in runs}) == 1


def _have_one_dataset(runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]]) -> bool:
    """What is good on one data set is poor on another."""
    return len({run.dataset_fingerprint or run.dataset for run in runs}) == 1


def _have_one_loss(runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]]) -> bool:
    """A cross entropy and a squared error are numbers of different kinds."""
    is_one = len({values.get("network.loss") for values in hyperparameters}) == 1
    return is_one and _have_one_dataset(runs, hyperparameters)


def _interval(accuracy: float | None, digits: int) -> tuple[float, float] | None:
    """How far chance in the choice of the digits may carry an accuracy; None where that is not known."""
    from engine.evaluation import interval

    return interval(accuracy, digits) if accuracy is not None and digits else None


def _test_interval(run: Summary) -> str:
    from engine.statistics import span

    found = _interval(run.test_accuracy, run.test_digits)
    return span(*found) if found else formats.NOT_MEASURED


FACTS = (
    _Fact(
        "Test accuracy",
        lambda run: formats.percent(run.test_accuracy),
        lambda run: run.test_accuracy,
        contest=_have_one_dataset,
        is_result=True,
        digits=lambda run: run.test_digits,
    ),
    _Fact("95% interval", _test_interval),
    _Fact(
        "Test loss",
        lambda run: formats.decimals(run.test_loss),
        lambda run: run.test_loss,
        falls=True,
        contest=_have_one_loss,
        is_result=True,
    ),
    _Fact(
        "Validation acc.",
        lambda run: formats.percent(run.validation_accuracy),
        lambda run: run.validation_accuracy,
        contest=_have_one_dataset,
        is_result=True,
        digits=lambda run: run.validation_digits,
    ),
    _Fact("Kept epoch", kept_epoch, is_result=True),
    _Fact(
        "Training time",
        lambda run: formats.clock(run.seconds),
        lambda run: run.seconds or None,
        falls=True,
        contest=_are_of_one_length,
        is_result=True,
    ),
    _Fact("Parameters", parameters),
    _Fact("Ended by", lambda run: formats.REASONS.get(run.reason or "") or in_one_line(run.reason or "") or run.state),
    _Fact("Data set", lambda run: in_one_line(run.dataset)),
    _Fact("Device", device),
    _Fact("Plan", lambda run: in_one_line(str(run.plan.get("name", "")))),
    _Fact("Preset", lambda run: in_one_line(run.preset or "")),
    _Fact("Size", lambda run: formats.size(run.bytes)),
    _Fact("Started", started),
    _Fact("Note", lambda run: in_one_line(run.note)),
)


def rows(runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]], is_all: bool) -> list[Row]:
    """Results, facts and hyperparameters, with headings; those that are the same for all only if ``is_all``."""
    facts = [(fact, _fact(fact, runs, hyperparameters)) for fact in FACTS]
    found = [row for fact, row in facts if fact.is_result or row.differs or is_all]
    settings = [row for row in _hyperparameters(hyperparameters) if row.differs or is_all]
    title = "Hyperparameters" if settings else "The same hyperparameters"
    return [Row("Results"), *found, Row(title), *settings]


def _fact(fact: _Fact, runs: Sequence[Summary], hyperparameters: Sequence[Mapping[str, Any]]) -> Row:
    values = [fact.value(run) for run in runs] if fact.contest(runs, hyperparameters) else []
    known = [value for value in values if value is not None]
    best = (min if fact.falls else max)(known) if len(set(known)) > 1 else None
    places = frozenset(place for place, value in enumerate(values) if best is not None and value == best)
    if places and fact.digits is not None:
        near = places | _overlapping([_interval(fact.value(run), fact.digits(run)) for run in runs], places)
        places = frozenset() if near > places and len(near) == len(known) else near
    return Row(fact.title, tuple(map(fact.text, runs)), places)


def _overlapping(intervals: Sequence[tuple[float, float] | None], best: frozenset[int]) -> frozenset[int]:
    """The runs whose intervals overlap with those of the best."""
    lowest = min((found[0] for place in best if (found := intervals[place])), default=math.inf)
    return frozenset(place for place, found in enumerate(intervals) if found and found[1] >= lowest)


def _hyperparameters(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    from engine.hyperparameters.table import HYPERPARAMETERS

    unknown = sorted({key for values in found for key in values} - HYPERPARAMETERS.keys())
    return [Row(key, tuple(_shown(values.get(key)) for values in found)) for key in (*HYPERPARAMETERS, *unknown)]


def _shown(value: Any) -> str:
    from tui.form.draft import told

    return formats.NOT_MEASURED if value is None else in_one_line(told(value))
