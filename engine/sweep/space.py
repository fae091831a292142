"""What a sweep varies: a range or some choices for each of some hyperparameters.

As text, KEY=SPACE: ``1e-4..1e-1:log`` (a range on a logarithmic scale), ``0..0.5`` (on a linear one), ``16..256:16`` (in steps),
``relu|gelu`` or ``[16,16]|[64]`` (choices, in TOML), or KEY alone, which takes the range that the hyperparameter comes with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS, Hyperparameter

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

DEFAULT_KEYS = (
    "learning_rate.initial",
    "training.batch_size",
    "network.activation",
    "regularization.dropout.hidden",
    "regularization.weights.l2",
)
"""What varies where nobody says."""
LOG = "log"


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    is_whole: bool = False

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values to try first to see whether all are permitted."""
        return self.low, self.high

    @property
    def text(self) -> str:
        scale = f":{LOG}" if self.log else "" if self.step is None else f":{self.step:.12g}"
        return f"{self.low:.12g}..{self.high:.12g}{scale}"

    def distribution(self) -> BaseDistribution:
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.is_whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    def value(self, suggested: Any) -> Any:
        """A suggestion as a hyperparameter."""
        return suggested


@dataclass(frozen=True)
class Choices:
    """Some values, of which any may be tried."""

    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        return self.values

    @property
    def text(self) -> str:
        return "|".join(configuration.format_value(value).strip('"') for value in self.values)

    def distribution(self) -> BaseDistribution:
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution([_plain(value) for value in self.values])

    def value(self, suggested: Any) -> Any:
        return next(value for value in self.values if _plain(value) == suggested)


Space = Range | Choices


def _plain(value: Any) -> str | int | float | bool:
    """A choice as a study stores it: lists as their TOML."""
    return configuration.format_value(value) if isinstance(value, list) else value


def parse_space(assignments: Sequence[str], base: Hyperparameters) -> dict[str, Space]:
    """What ``--vary KEY=SPACE`` or ``--vary KEY`` describe together; ``DEFAULT_KEYS`` where there is none.

    Raises HyperparameterError for what is not a space, and for values that ``base`` cannot take.
    """
    found: dict[str, Space] = {}
    for assignment in assignments or DEFAULT_KEYS:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        leaf = _variable(key)
        if equals and not text:
            raise HyperparameterError([f"{key}: there is nothing after '='; it takes {_forms(leaf)}"])
        if key in found:
            raise HyperparameterError([f"{key} is varied twice; name all its values in one --vary"])
        found[key] = _space(leaf, text or leaf.search)
    _check(found, base)
    return found


def _variable(key: str) -> Hyperparameter:
    configuration.check_key(key)
    leaf = HYPERPARAMETERS[key]
    if not leaf.search:
        raise HyperparameterError([f"{key} cannot be varied: trials could not be compared; set it for all of them by --set"])
    return leaf


def _space(leaf: Hyperparameter, text: str) -> Space:
    if ".." in text:
        return _range(leaf, text)
    values = tuple(configuration.parse_value(leaf.key, choice.strip()) for choice in text.split("|"))
    if len(values) < 2:
        raise HyperparameterError([f"{leaf.key}: one value does not vary; set it by --set, or give {_forms(leaf)}"])
    if any(values.count(value) > 1 for value in values):
        raise HyperparameterError([f"{leaf.key}: a value is named twice in {text}"])
    return Choices(values)


def _range(leaf: Hyperparameter, text: str) -> Range:
    ends, _, scale = text.partition(":")
    low, _, high = ends.partition("..")
    if leaf.kind not in ("int", "float"):
        raise HyperparameterError([f"{leaf.key} takes no range; it takes {_forms(leaf)}"])
    numbers = [_number(leaf, end, text) for end in (low, high)]
    step = None if scale in ("", LOG) else _number(leaf, scale, text)
    found = Range(numbers[0], numbers[1], log=scale == LOG, step=step, is_whole=leaf.kind == "int")
    if found.low >= found.high:
        raise HyperparameterError([f"{leaf.key}: the range {text} does not rise"])
    if found.log and found.low <= 0:
        raise HyperparameterError([f"{leaf.key}: a logarithmic range has to begin above 0, {text} does not"])
    if step is not None and not 0 < step <= found.high - found.low:
        raise HyperparameterError([f"{leaf.key}: the step of {text} does not fit into its range"])
    return found


def _number(leaf: Hyperparameter, text: str, whole: str) -> float:
    try:
        number: float = int(text) if leaf.kind == "int" else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        wanted = "a whole number" if leaf.kind == "int" else "a number"
        raise HyperparameterError([f"{leaf.key}: {text.strip()!r} in {whole} is not {wanted}; it takes {_forms(leaf)}"])
    return number


def _forms(leaf: Hyperparameter) -> str:
    """How a space of it may look, by its own."""
    kind = "a range such as" if leaf.kind in ("int", "float") and ".." in leaf.search else "choices such as"
    return f"{kind} {leaf.key}={leaf.search}"


def _check(spaces: Mapping[str, Space], base: Hyperparameters) -> None:
    """Raises HyperparameterError where an end of a range, or a choice, cannot be used with the last ones of all the others."""
    others = {key: space.ends[-1] for key, space in spaces.items()}
    for key, space in spaces.items():
        for value in space.ends:
            configuration.replace(base, others | {key: value})


def distributions(spaces: Mapping[str, Space]) -> dict[str, BaseDistribution]:
    """For ``Study.ask``."""
    return {key: space.distribution() for key, space in spaces.items()}


def values(spaces: Mapping[str, Space], suggested: Mapping[str, Any]) -> dict[str, Any]:
    """Suggestions as hyperparameters, by dotted key."""
    return {key: spaces[key].value(value) for key, value in suggested.items()}
