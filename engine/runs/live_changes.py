"""What hyperparameters were changed to while a run trained: which changes a run still has, and how they are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.events import Changed, Started
from engine.hyperparameters.dotted_keys import nested

MOST_TOLD = 3
"""Changes of one hyperparameter that are all said; of more, the last."""


def kept(changes: Sequence[Changed], started: Started) -> tuple[Changed, ...]:
    """Those of the changes so far that still hold after ``started``, in order. A run that was killed goes on from its last checkpoint,
    which may be older than the last changes: those are undone.
    """
    found = [change for change in changes if change.epoch <= started.first_epoch]
    while found and not _has_last_values(started.hyperparameters, found):
        found.pop()
    return tuple(found)


def _has_last_values(hyperparameters: Mapping[str, Any], changes: Sequence[Changed]) -> bool:
    last = {change.key: change.value for change in changes}
    try:
        return all(nested(hyperparameters, key) == value for key, value in last.items())
    except KeyError:
        return False


def described(first: Any, changes: Sequence[Changed], text: Callable[[Any], str]) -> str:
    """The values that one hyperparameter had, such as ``0.1, from epoch 10 on 0.3``; of several in an epoch, the last."""
    latest = text(first)
    told: list[str] = []
    for epoch, value in {change.epoch: text(change.value) for change in changes}.items():
        if value != latest:
            told.append(f"from epoch {epoch} on {value}")
            latest = value
    return ", ".join([text(first), *(told if len(told) <= MOST_TOLD else ["…", told[-1]])])


def described_all(began: Mapping[str, Any], changes: Sequence[Changed], text: Callable[[Any], str]) -> str:
    """As ``described``, with their dotted keys, of all that were changed. ``began``: values by dotted key."""
    by_key: dict[str, list[Changed]] = {}
    for change in changes:
        by_key.setdefault(change.key, []).append(change)
    return "; ".join(f"{key} {described(began[key], found, text)}" for key, found in by_key.items() if key in began)
