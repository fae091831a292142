"""Hyperparameters from dictionaries, assignments and TOML, and back; what cannot be used is refused in a sentence each."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from dataset.spelling import did_you_mean
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.dotted_keys import nested, put
from engine.hyperparameters.table import HYPERPARAMETERS

MOST_TEXT, LONGEST_LINE = 2**16, 2**10
"""Characters of TOML that are looked at: keys of very many parts take minutes."""

LIST = "`digits-tui presets --json` shows every key with values that work."
"""What to do about most."""


class HyperparameterError(ValueError):
    """Hyperparameters that cannot be used; ``problems`` holds one sentence each, the message the first of them."""

    def __init__(self, problems: list[str], advice: str = LIST) -> None:
        super().__init__(problems[0] if problems else "The hyperparameters cannot be used.")
        self.problems = problems
        self.advice = advice


def plain(values: Hyperparameters) -> dict[str, Any]:
    """Nested dictionaries of numbers, strings and lists, fit for TOML and JSON."""
    return values.model_dump(mode="json")


def flatten(values: Hyperparameters) -> dict[str, Any]:
    """The values by dotted key, in the order of ``HYPERPARAMETERS``."""
    found = plain(values)
    return {key: nested(found, key) for key in HYPERPARAMETERS}


def get(values: Hyperparameters, key: str) -> Any:
    """The value of one dotted key, such as ``network.hidden``."""
    return nested(plain(values), key)


def changed(values: Hyperparameters, base: Hyperparameters) -> dict[str, Any]:
    """The dotted keys, and their values, in which ``values`` differs from ``base``."""
    before = flatten(base)
    return {key: value for key, value in flatten(values).items() if value != before[key]}


def check_key(key: str) -> None:
    """Raises HyperparameterError, with the key that is nearest, for one that is no hyperparameter's."""
    if key not in HYPERPARAMETERS:
        raise HyperparameterError([_unknown(key)])


def _unknown(key: str) -> str:
    if key in HYPERPARAMETERS:
        group, _, name = key.rpartition(".")
        return f"{key} cannot be one key here; give {name} in the group {group}"
    return f"{key} is not a hyperparameter{did_you_mean(key, HYPERPARAMETERS)}"


def _sentence(error: Mapping[str, Any]) -> str:
    parts = [str(part) for part in error["loc"]]
    while parts and ".".join(parts) not in HYPERPARAMETERS and (not parts[-1].isidentifier() or parts[-1] in ("Activation", "tuple")):
        parts.pop()
    key = ".".join(part for part in parts if part.isidentifier() or not part.startswith("tuple["))
    if error["type"] == "extra_forbidden":
        return _unknown(key)
    if error["type"] == "value_error":
        return f"{key}: {error['ctx']['error']}" if key else str(error["ctx"]["error"])
    leaf = HYPERPARAMETERS.get(key)
    if leaf is None:
        return f"{key}: {error['msg']}"
    return f"{key} cannot be {_shown(error['input'])}; it takes {leaf.values}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def from_plain(values: Mapping[str, Any]) -> Hyperparameters:
    """Validated hyperparameters from nested dictionaries; what is left out keeps its default.

    Raises HyperparameterError with a sentence for each unknown key, wrong type or value out of bounds.
    """
    try:
        return Hyperparameters.model_validate(dict(values))
    except ValidationError as error:
        problems = list(dict.fromkeys(_sentence(item) for item in error.errors(include_url=False)))
        raise HyperparameterError(problems) from None


def replace(values: Hyperparameters, changes: Mapping[str, Any]) -> Hyperparameters:
    """``values`` with some dotted keys set anew. Raises HyperparameterError."""
    replaced = plain(values)
    for key, value in changes.items():
        check_key(key)
        put(replaced, key, value)
    return from_plain(replaced)


def replace_live(values: Hyperparameters, key: str, value: Any) -> Hyperparameters:
    """``values`` with one dotted key set anew that may change while training. Raises HyperparameterError."""
    check_key(key)
    if not HYPERPARAMETERS[key].live:
        raise HyperparameterError([f"{key} cannot be changed while training"])
    return replace(values, {key: value})


def parse_assignment(text: str) -> tuple[str, Any]:
    """``KEY=VALUE`` as given to ``--set``, the value in TOML; a bare word is taken as a string. Raises HyperparameterError."""
    key, equals, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if not equals or not key or not value:
        raise HyperparameterError([f"{_shown(text)} is not KEY=VALUE, such as network.hidden=[16,16]"])
    check_key(key)
    return key, parse_value(key, value)


def parse_value(key: str, text: str) -> Any:
    """One value in TOML; a bare word counts as a string. Raises HyperparameterError."""
    try:
        return _parsed(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        if all(character.isalnum() or character in "_-" for character in text):
            return text
        raise HyperparameterError([f"{key}: {_shown(text)} is not a TOML value; it takes {HYPERPARAMETERS[key].values}"]) from None


def format_value(value: Any) -> str:
    """One value as TOML writes it, such as ``0.002``, ``"relu"`` or ``[16, 16]``."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(format_value(item) for item in value) + "]"
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def to_toml(values: Hyperparameters) -> str:
    """The text of a hyperparameters.toml."""
    return tomli_w.dumps(plain(values))


def from_toml(text: str, source: str, base: Hyperparameters | None = None) -> Hyperparameters:
    """Hyperparameters from TOML text; what is left out keeps its value in ``base``, or its default. ``source`` names it in errors.

    Raises HyperparameterError.
    """
    try:
        return from_plain(_overlaid(plain(base or Hyperparameters()), _parsed(text)))
    except HyperparameterError as error:
        raise HyperparameterError([f"{source}: {problem}" for problem in error.problems], error.advice) from None
    except (ValueError, RecursionError) as error:
        raise HyperparameterError([f"{source} is not valid TOML: {error}"]) from None


def _parsed(text: str) -> dict[str, Any]:
    """Raises ValueError, and RecursionError."""
    if len(text) > MOST_TEXT or max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise ValueError(f"more than {MOST_TEXT} characters, or {LONGEST_LINE} in a line")
    return tomllib.loads(text)


def _overlaid(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``over``, group by group."""
    groups = [key for key, value in over.items() if isinstance(value, Mapping) and isinstance(base.get(key), Mapping)]
    return {**base, **over, **{key: _overlaid(base[key], over[key]) for key in groups}}


def read_toml(path: Path, base: Hyperparameters | None = None) -> Hyperparameters:
    """Hyperparameters from a TOML file, as ``from_toml`` reads them. Raises HyperparameterError, also for a file that cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read(MOST_TEXT + 1)
    except OSError as error:
        raise HyperparameterError([f"{path} cannot be read: {error.strerror}"], "Check the path and its permissions.") from None
    except UnicodeDecodeError:
        raise HyperparameterError([f"{path} is not a text file in UTF-8"]) from None
    return from_toml(text, str(path), base)
