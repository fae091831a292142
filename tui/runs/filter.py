"""What is typed to find runs: words, and conditions such as ``test>97`` or ``batch_size=64``. Knows no widgets."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataset.spelling import did_you_mean
from tui.runs.columns import device
from tui.wording import in_one_line

if TYPE_CHECKING:
    from engine.runs.summary import Summary

EXAMPLES = "words, test>97, state=finished, batch_size=64"
CONDITION = re.compile(r"([\w.]+)(!=|<=|>=|=|<|>)(.*)")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MEGABYTE = 1e6


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


TEXTS: Mapping[str, Callable[[Summary], str]] = {
    "name": lambda run: run.name,
    "preset": lambda run: run.preset or "",
    "note": lambda run: run.note,
    "device": device,
    "dataset": lambda run: run.dataset,
    "state": lambda run: run.state,
}
"""Fields of a run in which words are looked for."""
NUMBERS: Mapping[str, Callable[[Summary], float | None]] = {
    "test": lambda run: _percent(run.test_accuracy),
    "validation": lambda run: _percent(run.validation_accuracy),
    "loss": lambda run: run.test_loss,
    "epochs": lambda run: run.epochs,
    "seconds": lambda run: run.seconds,
    "size": lambda run: run.bytes / MEGABYTE,
}
UNITS: Mapping[str, str] = {"test": " in per cent", "validation": " in per cent", "size": " in MB"}
"""Those of the table."""


@dataclass(frozen=True)
class Condition:
    keys: tuple[str, ...]
    """A field of the run, or the hyperparameters of which one has to be so."""
    sign: str
    value: str

    def holds(self, run: Summary, hyperparameters: Mapping[str, Any]) -> bool:
        [first, *_] = self.keys
        if first in TEXTS:
            return (self.value.casefold() in TEXTS[first](run).casefold()) == (self.sign == "=")
        if first in NUMBERS:
            return self._agrees(NUMBERS[first](run))
        return any(self._agrees(hyperparameters.get(key)) for key in self.keys)

    def _agrees(self, found: Any) -> bool:
        if found is None:
            return False
        wanted = _number(self.value)
        if isinstance(found, int | float) and not isinstance(found, bool):
            if wanted is None:
                return False
            return math.isclose(found, wanted) == (self.sign == "=") if self.sign in ("=", "!=") else OPERATORS[self.sign](found, wanted)
        return OPERATORS[self.sign](_plain(found), _plain(self.value)) if self.sign in ("=", "!=") else False


@dataclass(frozen=True)
class RunFilter:
    """All words are to be found, and all conditions to hold."""

    words: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    problem: str = ""
    """What cannot be understood of what was typed, in a sentence; it is left out."""

    @property
    def reads_hyperparameters(self) -> bool:
        return any(condition.keys[0] not in (*TEXTS, *NUMBERS) for condition in self.conditions)

    def matching(self, runs: Iterable[Summary], hyperparameters: Callable[[Summary], Mapping[str, Any]]) -> list[Summary]:
        nothing: Mapping[str, Any] = {}
        return [run for run in runs if self._matches(run, hyperparameters(run) if self.reads_hyperparameters else nothing)]

    def _matches(self, run: Summary, hyperparameters: Mapping[str, Any]) -> bool:
        text = in_one_line(" ".join(field(run) for field in TEXTS.values())).casefold()
        return all(word in text for word in self.words) and all(item.holds(run, hyperparameters) for item in self.conditions)


def parse(text: str) -> RunFilter:
    """What was typed so far; a condition without its value says nothing yet."""
    words, conditions, problem = [], [], ""
    for part in text.split():
        found = CONDITION.fullmatch(part)
        if found is None:
            words.append(part.casefold())
            continue
        key, sign, value = found.groups()
        keys = _keys(key)
        if not keys:
            problem = _unknown(key)
        elif keys[0] in TEXTS and sign not in ("=", "!="):
            problem = f"{key} is text: use {key}=, or {key}!=."
        elif value and _number(value) is None and _are_numbers(keys):
            problem = f"{key} is a number{UNITS.get(key, '')}: {value} is none."
        elif value:
            conditions.append(Condition(keys, sign, value))
    return RunFilter(tuple(words), tuple(conditions), problem)


def _keys(key: str) -> tuple[str, ...]:
    """The field, or the hyperparameters that end so; nothing where there is neither."""
    if key in TEXTS or key in NUMBERS:
        return (key,)
    from engine.hyperparameters.table import HYPERPARAMETERS

    return tuple(name for name in HYPERPARAMETERS if name == key or name.endswith(f".{key}"))


def _are_numbers(keys: tuple[str, ...]) -> bool:
    if keys[0] in TEXTS or keys[0] in NUMBERS:
        return keys[0] in NUMBERS
    from engine.hyperparameters.table import HYPERPARAMETERS

    return all(HYPERPARAMETERS[key].kind in ("int", "float") for key in keys)


def _unknown(key: str) -> str:
    from engine.hyperparameters.table import HYPERPARAMETERS

    endings = {name.split(".", depth)[-1] for name in HYPERPARAMETERS for depth in range(3)}
    advice = f": use {', '.join((*TEXTS, *NUMBERS))}, or a hyperparameter."
    return f"There is no {key}{did_you_mean(key, [*TEXTS, *NUMBERS, *endings]) or advice}"


def _number(text: str) -> float | None:
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _plain(value: Any) -> str:
    """Lists without brackets and spaces, names in small letters."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return re.sub(r"[\[\]\s\"']", "", text).casefold()
