"""What a coordinator tells, one JSON object a line; the same from ``digits-tui sweep --json`` and ``python -P -m engine.sweep``.

Every event carries ``seq`` (from 1, without gaps) and ``time`` (seconds on the coordinator's monotonic clock). A row is a trial as
``results.Row.plain()``. Values are validation accuracies, fractions; what is not known is null. In order:

- ``sweep_started``, once;
- ``worker_ready`` and ``worker_lost`` at any time;
- for each trial ``trial_started``, ``trial_epoch``… and ``trial_ended``, trials interleaved; ``best`` after each better one;
  ``trial_started`` comes again where a worker died and the trial is tried again;
- ``importance`` now and then, and after the last trial;
- ``paused`` and ``resumed`` as asked for;
- then ``seeds_started``, ``seed_ended``…, and ``seeds``;
- ``sweep_finished`` or ``failed``, last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import events
from engine.events import Event


@dataclass(frozen=True, kw_only=True)
class SweepStarted(Event):
    name = "sweep_started"
    sweep: str
    """Its name."""
    study: str
    """The study's file: ``optuna-dashboard sqlite:///FILE`` opens it."""
    directory: str
    """Where models, the winner's hyperparameters and the workers' log are kept."""
    space: dict[str, str]
    """What varies, by dotted key, as ``--vary`` takes it."""
    hyperparameters: dict[str, Any]
    """What the trials have in common, nested."""
    dataset: dict[str, Any]
    """As ``DatasetFacts``."""
    sampler: str
    pruner: str
    seed: int
    executor: str
    trials: int | None
    """How many in all, with those that were finished before."""
    minutes: float | None
    """Of all parts of the sweep together."""
    rows: list[dict[str, Any]]
    """The trials of earlier parts of the sweep."""
    notes: list[str]
    """Sentences that a person should read."""


@dataclass(frozen=True, kw_only=True)
class WorkerReady(Event):
    name = "worker_ready"
    worker: str
    device: dict[str, Any]
    """As ``Device.plain()``."""


@dataclass(frozen=True, kw_only=True)
class WorkerLost(Event):
    name = "worker_lost"
    worker: str
    message: str


@dataclass(frozen=True, kw_only=True)
class TrialStarted(Event):
    name = "trial_started"
    trial: int
    parameters: dict[str, Any]
    """What varies, by dotted key."""
    worker: str
    attempt: int
    """From 1."""


@dataclass(frozen=True, kw_only=True)
class TrialEpoch(Event):
    name = "trial_epoch"
    trial: int
    epoch: int
    learning_rate: float
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class TrialEnded(Event):
    name = "trial_ended"
    trial: int
    row: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Best(Event):
    """A trial is the best so far."""

    name = "best"
    trial: int
    value: float
    parameters: dict[str, Any]
    model: str | None
    """Its model file."""


@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    name = "paused"


@dataclass(frozen=True, kw_only=True)
class Resumed(Event):
    name = "resumed"


@dataclass(frozen=True, kw_only=True)
class Importance(Event):
    """What decides whether a trial is among the best tenth of the completed ones; the values add up to 1."""

    name = "importance"
    method: str
    """PED-ANOVA."""
    trials: int
    """How many were completed by then."""
    values: dict[str, float]
    """By dotted key, the most important first; empty where too few trials are complete to tell."""


@dataclass(frozen=True, kw_only=True)
class SeedsStarted(Event):
    """The best trials are trained again with fresh seeds."""

    name = "seeds_started"
    total: int
    """Trainings."""


@dataclass(frozen=True, kw_only=True)
class SeedEnded(Event):
    """One of the best trials was trained again with a fresh seed."""

    name = "seed_ended"
    trial: int
    seed: int
    value: float | None
    """None where it failed."""
    reason: str
    """Why it failed, or empty."""
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Seeds(Event):
    """The best trials by their mean over fresh seeds, the winner first."""

    name = "seeds"
    ranking: list[dict[str, Any]]
    """trial, mean, deviation (of the sample), values, failed (how many), parameters."""


@dataclass(frozen=True, kw_only=True)
class SweepFinished(Event):
    name = "sweep_finished"
    reason: str
    """trials, minutes, or stopped, which may be gone on with under the same name."""
    rows: list[dict[str, Any]]
    """All trials, the best first."""
    winner: dict[str, Any] | None
    """An entry of ``Seeds.ranking``, with test_mean, test_deviation and test_values; None where the sweep was stopped, and where no
    trial was completed.
    """
    config: str | None
    """The TOML file with the winner's hyperparameters."""
    models: list[str]
    """The winner's models, one a seed."""
    seconds: float
    """Of all parts of the sweep together, up to the last trial."""


@dataclass(frozen=True, kw_only=True)
class SweepFailed(Event):
    """The sweep cannot go on; what is finished is kept, and it may be gone on with under the same name."""

    name = "failed"
    kind: str
    """As in ``engine.events.Failed``."""
    message: str
    advice: str


EVENTS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in (
        SweepStarted, WorkerReady, WorkerLost, TrialStarted, TrialEpoch, TrialEnded, Best, Paused, Resumed, Importance, SeedsStarted,
        SeedEnded, Seeds, SweepFinished, SweepFailed,
    )
}  # fmt: skip


def from_json(line: str | bytes) -> Event:
    """The event that ``engine.events.to_json`` wrote. Raises ProtocolError for a line that is none."""
    return events.from_json(line, EVENTS)
