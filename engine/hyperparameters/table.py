"""The table of all hyperparameters, read off their models: what the form, the command line, the search space and the documentation show."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.hyperparameters.definitions import MAXIMUM_HIDDEN_LAYERS, MAXIMUM_LAYER_SIZE, Hyperparameters


@dataclass(frozen=True)
class Hyperparameter:
    """One leaf of the model, as the form, the command line and the documentation show it."""

    key: str
    title: str
    help: str
    default: Any
    annotation: Any
    minimum: float | None
    maximum: float | None
    minimum_is_excluded: bool
    maximum_is_excluded: bool
    live: bool
    search: str
    """What a sweep tries where nothing else is asked for, as ``--vary`` writes it; empty where it may not vary."""

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]

    @property
    def choices(self) -> tuple[str, ...]:
        """The names to choose from, or nothing."""
        for candidate in (self.annotation, *typing.get_args(self.annotation)):
            if isinstance(candidate, type) and issubclass(candidate, StrEnum):
                return tuple(member.value for member in candidate)
        return ()

    @property
    def kind(self) -> Literal["bool", "int", "float", "choice", "sizes"]:
        if self.choices:
            return "choice"
        if self.annotation in (bool, int, float):
            return typing.cast('Literal["bool", "int", "float"]', self.annotation.__name__)
        return "sizes"

    @property
    def values(self) -> str:
        """The permitted values in words, such as ``0 <= value < 1``."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind == "bool":
            return "true, false"
        if self.kind == "sizes":
            return f"a list of 0 to {MAXIMUM_HIDDEN_LAYERS} whole numbers, each 1 to {MAXIMUM_LAYER_SIZE}"
        low = "" if self.minimum is None else f"{self.minimum:.10g} {'<' if self.minimum_is_excluded else '<='} "
        high = "" if self.maximum is None else f" {'<' if self.maximum_is_excluded else '<='} {self.maximum:.10g}"
        what = "whole number" if self.kind == "int" else "value"
        return f"{low}{what}{high}" if low or high else "any number"


def _bounds(info: FieldInfo) -> dict[str, Any]:
    found: dict[str, Any] = {"minimum": None, "maximum": None, "minimum_is_excluded": False, "maximum_is_excluded": False}
    for constraint in info.metadata:
        for name, bound, excluded in (("ge", "minimum", False), ("gt", "minimum", True), ("le", "maximum", False), ("lt", "maximum", True)):
            if (value := getattr(constraint, name, None)) is not None:
                found |= {bound: value, f"{bound}_is_excluded": excluded}
    return found


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[Hyperparameter]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, f"{prefix}{name}.")
            continue
        facts = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        yield Hyperparameter(
            key=prefix + name,
            title=info.title or name,
            help=info.description or "",
            default=info.default,
            annotation=info.annotation,
            live=bool(facts.get("live")),
            search=str(facts.get("search", "")),
            **_bounds(info),
        )


HYPERPARAMETERS: Mapping[str, Hyperparameter] = types.MappingProxyType({leaf.key: leaf for leaf in _leaves(Hyperparameters, "")})
"""Every hyperparameter by its dotted key, in the order of the form."""
