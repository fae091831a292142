"""What a run was trained with, from its files: the hyperparameters that it began with, and their changes while it trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.configuration import HyperparameterError
from engine.events import Changed, ProtocolError, Started, from_json
from engine.hyperparameters import Hyperparameters
from engine.live_changes import kept
from engine.runs import EVENTS_FILE, is_run, read_hyperparameters

TOLD = {kind.name: kind for kind in (Started, Changed)}


@dataclass(frozen=True)
class History:
    began: Hyperparameters
    changes: tuple[Changed, ...] = ()
    """In order."""


def read_history(path: Path, trained: Hyperparameters) -> History:
    """Of the run in a directory. Where ``path`` is none, or does not say what it began with, ``trained`` it is, which a model says."""
    try:
        return History(read_hyperparameters(path), read_changes(path)) if is_run(path) else History(trained)
    except (HyperparameterError, OSError):
        return History(trained)


def read_changes(directory: Path) -> tuple[Changed, ...]:
    """The changes that the run in ``directory`` has in it; none where there is no events.jsonl. Raises OSError."""
    changes: tuple[Changed, ...] = ()
    try:
        with (directory / EVENTS_FILE).open("rb") as file:
            for line in file:
                try:
                    event = from_json(line, TOLD)
                except ProtocolError:  # of another kind, or torn
                    continue
                match event:
                    case Changed():
                        changes = (*changes, event)
                    case Started():
                        changes = kept(changes, event)
    except FileNotFoundError:
        pass
    return changes
