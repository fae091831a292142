"""The learning rates of the steps of an unfinished epoch, found again: a checkpoint knows the last one only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.checkpoint import Checkpoint
from engine.events import Changed
from engine.runs.history import History
from engine.schedule import Schedule

KEY = "learning_rate.initial"


def past_rates(checkpoint: Checkpoint, history: History, steps: int) -> npt.NDArray[np.float64] | None:
    """The rates of the steps that were done in the unfinished epoch, of ``steps`` steps: [checkpoint.step]. None where they did not change
    in it by hand: then they are those of its other steps.
    """
    unfinished = checkpoint.epochs_before + checkpoint.epoch + 1
    changes = [each for each in history.changes if each.key == KEY and (each.epoch, each.step) < (unfinished, checkpoint.step)]
    if not changes or changes[-1].epoch < unfinished:
        return None
    schedule = _begun(checkpoint, history, changes)
    for epoch in range(checkpoint.epochs_before + 1, unfinished):
        for change in changes:
            if change.epoch == epoch:
                schedule.rate = change.value
        schedule.advance()
    rates = schedule.rates(steps)
    for change in changes:
        if change.epoch == unfinished:
            schedule.rate = change.value
            rates[change.step :] = schedule.rates(steps)[change.step :]
    return rates[: checkpoint.step]


def _begun(checkpoint: Checkpoint, history: History, changes: Sequence[Changed]) -> Schedule:
    """The schedule that the network in training began with."""
    before = [change.value for change in changes if change.epoch <= checkpoint.epochs_before]
    initial = before[-1] if before else history.began.learning_rate.initial
    values = checkpoint.hyperparameters
    return Schedule(values.learning_rate.model_copy(update={"initial": initial}), values.training.epochs)
