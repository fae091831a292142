"""Values in nested mappings, by keys such as ``network.hidden``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any


def nested(values: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key. Raises KeyError where there is none, as in the values of another version."""
    found: Any = values
    for part in key.split("."):
        if not isinstance(found, Mapping):
            raise KeyError(key)
        found = found[part]
    return found


def put(values: MutableMapping[str, Any], key: str, value: Any) -> None:
    """Sets the value of a dotted key, in a mapping that is made where there is none."""
    *path, name = key.split(".")
    for part in path:
        values = values.setdefault(part, {})
    values[name] = value


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a nested mapping by dotted key; a key that has dots already is the same as a nested one."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return found
