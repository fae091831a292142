"""A run as the screens see it: a frozen record, and the one function that carries it from event to event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine import events
from engine.hyperparameters.dotted_keys import nested
from engine.runs.live_changes import kept


class RunPhase(StrEnum):
    """Where a run is, in the words that are shown."""

    WAITING = "waiting for the worker"
    PREPARING = "preparing"
    COMPILING = "compiling shaders"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping after this epoch"
    ABORTING = "aborting"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    OPENED = "opened"

    @property
    def is_over(self) -> bool:
        return self in (RunPhase.STOPPED, RunPhase.FINISHED, RunPhase.FAILED, RunPhase.OPENED)


@dataclass(frozen=True, kw_only=True)
class RunView:
    hyperparameters: dict[str, Any]
    """Nested, as the worker was told: those that the run began with."""
    preset: str
    """That which the hyperparameters began with; empty where they began with none."""
    phase: RunPhase = RunPhase.WAITING
    started: events.Started | None = None
    epochs: tuple[events.EpochEnded, ...] = ()
    members: tuple[events.MemberEnded, ...] = ()
    """Of an ensemble, those that are trained."""
    evaluation: dict[str, Any] | None = None
    """Of the test digits, as ``Evaluation.plain()``."""
    model: Path | None = None
    """The newest model file: a snapshot while training, the kept epoch's afterwards."""
    model_epoch: int = 0
    ended: events.Finished | None = None
    failure: events.Failed | None = None
    changes: tuple[events.Changed, ...] = ()
    """Hyperparameters changed in flight, in order."""
    asked: tuple[tuple[str, float], ...] = ()
    """The changes that were asked for, whether the worker has answered or not."""
    hints: tuple[events.Hint, ...] = ()
    """Those that hold."""

    @property
    def is_over(self) -> bool:
        return self.phase.is_over

    @property
    def best_epoch(self) -> int:
        return self.epochs[-1].best_epoch if self.epochs else 0

    @property
    def phases(self) -> dict[str, float]:
        """Seconds since the run's start, by ``engine.runs.phases.Phase``; up to its last epoch while it goes on."""
        if self.ended is not None:
            return self.ended.phases
        return self.epochs[-1].phases if self.epochs else {}

    @property
    def directory(self) -> Path | None:
        return Path(self.started.run) if self.started else None

    @property
    def name(self) -> str:
        """Empty before it is known."""
        return self.directory.name if self.directory else ""

    def value(self, key: str) -> Any:
        """The value of a hyperparameter that is in force now, by its dotted key."""
        for change in reversed(self.changes):
            if change.key == key:
                return change.value
        try:
            return nested(self.started.hyperparameters if self.started else self.hyperparameters, key)
        except KeyError:  # a worker of another version
            return _default(key)

    def wanted(self, key: str) -> Any:
        """The value that a live hyperparameter has, or is about to have."""
        return next((value for asked, value in reversed(self.asked) if asked == key), self.value(key))

    def has_had(self, key: str, value: float) -> bool:
        """Whether a live hyperparameter began with a value, or was changed to it."""
        return value == replace(self, changes=()).value(key) or (key, value) in self.asked

    def asking(self, key: str, value: float) -> RunView:
        return replace(self, asked=(*self.asked, (key, value)))

    def in_phase(self, phase: RunPhase) -> RunView:
        return replace(self, phase=phase)

    @property
    def is_learning(self) -> bool:
        """Whether steps are being trained, so that it can be paused, stopped and aborted."""
        return self.phase in (RunPhase.COMPILING, RunPhase.TRAINING, RunPhase.PAUSED, RunPhase.STOPPING)

    @property
    def is_resumable(self) -> bool:
        """Whether it was stopped by hand and has epochs to go on from."""
        return self.phase is RunPhase.STOPPED and self.ended is not None and bool(self.epochs)


def later_members(epochs: Sequence[events.EpochEnded]) -> frozenset[float]:
    """The first epoch of each member of an ensemble but the first."""
    return frozenset(epoch.epoch for before, epoch in pairwise(epochs) if epoch.member != before.member)


def _default(key: str) -> Any:
    from engine.hyperparameters.table import HYPERPARAMETERS

    return HYPERPARAMETERS[key].default


def moved(run: RunView, directory: Path) -> RunView:
    """The run with its files in another directory."""
    return replace(
        run,
        started=replace(run.started, run=str(directory)) if run.started else None,
        ended=replace(run.ended, run=str(directory)) if run.ended else None,
        model=directory / run.model.name if run.model else None,
    )


def after(run: RunView, event: events.Event) -> RunView:
    """The run after an event of its worker; unchanged by events that say nothing about it."""
    leaving = run.phase in (RunPhase.STOPPING, RunPhase.ABORTING)
    match event:
        case events.Started():
            epochs = tuple(epoch for epoch in run.epochs if epoch.epoch < event.first_epoch)
            phase = run.phase if leaving else RunPhase.TRAINING
            return replace(run, started=event, epochs=epochs, changes=kept(run.changes, event), members=(), phase=phase)
        case events.Compiling():
            return replace(run, phase=run.phase if leaving else RunPhase.COMPILING)
        case events.EpochEnded():
            return replace(run, epochs=(*run.epochs, event))
        case events.MemberEnded():
            return replace(run, members=(*run.members, event))
        case events.Paused():
            return replace(run, phase=run.phase if leaving else RunPhase.PAUSED)
        case events.Resumed():
            return replace(run, phase=run.phase if leaving else RunPhase.TRAINING)
        case events.Snapshot():
            return replace(run, model=Path(event.path), model_epoch=event.epoch)
        case events.Evaluated(part="test"):
            return replace(run, evaluation=event.evaluation)
        case events.Hint():
            return replace(run, hints=(*run.hints, event))
        case events.HintEnded():
            return replace(run, hints=tuple(hint for hint in run.hints if hint.kind != event.kind))
        case events.Changed():
            return replace(run, changes=(*run.changes, event))
        case events.Finished():
            phase = RunPhase.STOPPED if event.reason == "stopped" else RunPhase.FINISHED
            model = Path(event.run) / "model.safetensors" if event.best_epoch else None
            return replace(run, phase=phase, ended=event, model=model, model_epoch=event.best_epoch)
        case events.Failed():
            return replace(run, phase=RunPhase.FAILED, failure=event)
        case _:
            return run
