"""What is told about a run, and what it is drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.events import EpochEnded
from engine.hyperparameters.choices import Loss, OptimizerName
from engine.hyperparameters.definitions import Hyperparameters
from engine.schedule import PER_STEP

CHANCE = 1.5
"""How many times as accurate as guessing a network is that has learnt nothing."""
HIGH_RATE = {OptimizerName.SGD: 0.1, OptimizerName.ADAM: 3e-3, OptimizerName.ADAMW: 3e-3}
"""Below, a network that learns nothing may have another reason."""
ENOUGH_STEPS = 100
"""Steps an epoch."""
LEARNT = 0.995
"""Training accuracy that leaves little to learn."""


@dataclass(frozen=True)
class Advice:
    """What is amiss, in a sentence, and the hyperparameters, by dotted key, that would help. ``severity`` grows with it."""

    kind: str
    message: str
    severity: float
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """A run after some epochs."""

    hyperparameters: Hyperparameters
    """Those in force now."""
    epochs: Sequence[EpochEnded]
    classes: int
    steps: int
    """Training steps an epoch."""
    last_changed: int = 0
    """The last epoch that was trained, in part at least, before the last change in flight; 0 without one."""

    @property
    def alike(self) -> list[EpochEnded]:
        """The epochs that may be compared: those since the last change in flight."""
        return [epoch for epoch in self.epochs if epoch.epoch > self.last_changed]


def times(now: float, before: float) -> float:
    """How many times as high; what is learnt entirely may have a loss of exactly 0."""
    return now / before if before else math.inf


def guessing_loss(situation: Situation) -> float:
    """Of equal probabilities, or of outputs that are all 0."""
    return math.log(situation.classes) if situation.hyperparameters.network.loss is Loss.CROSS_ENTROPY else 0.5


def lowest_loss(situation: Situation) -> float:
    """The training loss that no network gets below: the entropy of the targets, which label smoothing leaves above 0."""
    values = situation.hyperparameters
    smoothing, classes = values.regularization.label_smoothing, situation.classes
    if not smoothing or values.network.loss is not Loss.CROSS_ENTROPY:
        return 0.0
    other = smoothing / classes
    own = 1 - smoothing + other
    return -own * math.log(own) - (classes - 1) * other * math.log(other)


def is_guessing(situation: Situation) -> bool:
    accuracy = situation.epochs[-1].train_accuracy
    return accuracy is not None and accuracy < CHANCE / situation.classes


def rate_times(situation: Situation, factor: float) -> dict[str, Any]:
    """So many times the learning rate, of two digits; of the rate in force now, where it falls between epochs."""
    rate = situation.hyperparameters.learning_rate
    if rate.decay.method in PER_STEP or rate.warmup or not situation.epochs:
        base = rate.initial
    else:
        base = min(rate.initial, situation.epochs[-1].learning_rate)
    return {"learning_rate.initial": float(f"{base * factor:.1e}")}
