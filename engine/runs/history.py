"""What a run was trained with, from its files: the hyperparameters that it began with, and their changes while it trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.events import Changed, ProtocolError, Started, from_json
from engine.hyperparameters.configuration import HyperparameterError, read_toml
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.live_changes import kept
from engine.runs.names import EVENTS_FILE, HYPERPARAMETERS_FILE, is_run

RELEVANT = {kind.name: kind for kind in (Started, Changed)}
"""The events that say what hyperparameters were in force, by name."""


@dataclass(frozen=True)
class History:
    """The hyperparameters that a run has been trained with, from its first step on."""

    began: Hyperparameters
    """Those that it began with."""
    changes: tuple[Changed, ...] = ()
    """Those that were made while it trained, in order."""


def read_hyperparameters(path: Path) -> Hyperparameters:
    """The hyperparameters that a run was started with. Raises HyperparameterError."""
    return read_toml(path / HYPERPARAMETERS_FILE)


def read_history(path: Path, trained: Hyperparameters) -> History:
    """The history of the run in the directory ``path``. Where that is no run, or does not say what it began with, a history without changes
    of ``trained``: the hyperparameters that its model holds.
    """
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
                    event = from_json(line, RELEVANT)
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
