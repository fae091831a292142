"""Rules about the learning rate, and about what looks like its fault."""

from __future__ import annotations

import math

from engine.hints.advice import (
    ENOUGH_STEPS,
    HIGH_RATE,
    LEARNT,
    Advice,
    Situation,
    guessing_loss,
    is_guessing,
    lowest_loss,
    rate_times,
    times,
)
from engine.hyperparameters.choices import Activation, OptimizerName
from engine.schedule import PER_STEP

RISE, JUMP = 1.05, 1.5
"""How many times the training loss may grow, over the lowest so far in two epochs, or in one."""
NOTICEABLE = 0.05
"""The share of the first epoch's loss that a rise must come to: close to zero every loss wavers."""
FAR_WORSE = 100.0
"""How many times the loss of guessing no network that is about to learn has over an epoch."""
WORSE = 2.0
"""The same for the second epoch and later ones, at a high rate."""
LOW_RATE = {OptimizerName.SGD: 0.05, OptimizerName.ADAM: 3e-4, OptimizerName.ADAMW: 3e-4}
"""From there on, a network that learns little has another reason."""
HARDLY_LEARNT = 0.5
"""The share of the loss of guessing that is left after two epochs of learning slowly."""
SQUASHING_LAYERS = 3
"""Hidden layers of sigmoid, whose slope is a quarter at the most, that leave little of a gradient."""
STUCK = 0.8
"""Training accuracy that two epochs get beyond unless something is in the way."""
PLATEAU_EPOCHS, PLATEAU_GAIN = 5, 0.99
"""Epochs whose lowest loss is more than that share of the lowest before."""


def learning_rate(situation: Situation) -> Advice | None:
    """Whether the learning rate is too high: the training loss rises, or nothing is learnt at all."""
    epochs, values = situation.alike, situation.hyperparameters
    if not epochs:
        return None
    last = epochs[-1]
    is_lost = is_guessing(situation) and situation.steps >= ENOUGH_STEPS and last.learning_rate >= HIGH_RATE[values.optimizer.name]
    if is_lost and vanishing_gradient(situation) is None:
        message = f"after epoch {last.epoch} the network is no better than guessing: the learning rate is too high"
        return Advice("learning_rate", message, math.inf, rate_times(situation, 0.1))
    if last.train_loss is not None and _is_far_worse(situation):
        guessing = f"{guessing_loss(situation):.2g}"
        message = f"the training loss is {last.train_loss:.3g}, far worse than that of guessing, {guessing}: the learning rate is too high"
        return Advice("learning_rate", message, math.inf, rate_times(situation, 0.1))
    losses = [epoch.train_loss for epoch in epochs if epoch.train_loss is not None]
    if len(losses) < 3 or len(losses) < len(epochs) or last.learning_rate > epochs[-2].learning_rate:
        return None
    lowest = min(losses)
    rises = losses[-1] > losses[-2] > losses[-3] and losses[-1] > RISE * lowest and epochs[-2].learning_rate <= epochs[-3].learning_rate
    if not _is_noticeable(situation, losses[-1] - lowest) or not (rises or losses[-1] > JUMP * losses[-2]):
        return None
    message = f"the training loss rises, to {losses[-1]:.3f} from {lowest:.3f} at its lowest: the learning rate is too high"
    return Advice("learning_rate", message, times(losses[-1], lowest), rate_times(situation, 0.3))


def _is_far_worse(situation: Situation) -> bool:
    """Than guessing."""
    last = situation.epochs[-1]
    is_settled = len(situation.alike) > 1 and last.learning_rate >= HIGH_RATE[situation.hyperparameters.optimizer.name]
    return last.train_loss is not None and last.train_loss > (WORSE if is_settled else FAR_WORSE) * guessing_loss(situation)


def _is_noticeable(situation: Situation, rise: float) -> bool:
    return rise >= NOTICEABLE * (situation.epochs[0].train_loss or 0.0)


def learns_again(situation: Situation) -> bool:
    """Whether the training loss is as low again as it was."""
    losses = [epoch.train_loss for epoch in situation.alike if epoch.train_loss is not None]
    if not losses or is_guessing(situation) or _is_far_worse(situation):
        return False
    lowest = min(losses)
    return losses[-1] <= RISE * lowest or not _is_noticeable(situation, losses[-1] - lowest)


def low_learning_rate(situation: Situation) -> Advice | None:
    """Whether the loss falls, but so slowly that hardly anything is learnt."""
    epochs, values = situation.alike, situation.hyperparameters
    if len(epochs) < 2 or len(epochs) <= values.learning_rate.warmup:
        return None
    last, before = epochs[-1].train_loss, epochs[-2].train_loss
    if not has_low_rate(situation) or last is None or before is None:
        return None
    if not HARDLY_LEARNT * guessing_loss(situation) < last < before:
        return None
    message = f"the learning rate is low: after epoch {epochs[-1].epoch} hardly anything is learnt, though the loss falls all the time"
    return Advice("low_learning_rate", message, 1.0, rate_times(situation, 10))


def has_low_rate(situation: Situation) -> bool:
    optimizer = situation.hyperparameters.optimizer
    momentum = optimizer.momentum if optimizer.name is OptimizerName.SGD else 0.0
    return max(epoch.learning_rate for epoch in situation.alike) / (1 - momentum) < LOW_RATE[optimizer.name]


def vanishing_gradient(situation: Situation) -> Advice | None:
    """Whether many layers of sigmoid let so little of the gradient through that hardly anything is learnt."""
    epochs, network = situation.alike, situation.hyperparameters.network
    layers = network.activations.count(Activation.SIGMOID)
    if not epochs or layers < SQUASHING_LAYERS or network.layer_norm or len(epochs) * situation.steps < ENOUGH_STEPS:
        return None
    last = epochs[-1]
    is_stuck = is_guessing(situation) or (len(epochs) > 1 and (last.train_accuracy or 0.0) < STUCK)
    is_thrown_about = last.train_loss is None or last.train_loss > RISE * guessing_loss(situation)
    is_too_fast = last.learning_rate > HIGH_RATE[situation.hyperparameters.optimizer.name]
    if not is_stuck or is_thrown_about or is_too_fast:
        return None
    message = (
        f"after epoch {last.epoch} the network has learnt little: {layers} layers of sigmoid let hardly any of the gradient through"
        " to the first ones"
    )
    return Advice("vanishing_gradient", message, 1.0, {"network.activation": Activation.LEAKY_RELU.value})


def plateau(situation: Situation) -> Advice | None:
    """Whether the loss no longer falls although there is something left to learn, at a rate that has not come down yet; cosine and linear
    decay bring it down.
    """
    epochs, rate = situation.alike, situation.hyperparameters.learning_rate
    if (
        rate.decay.method in PER_STEP
        or len(epochs) < 2 * PLATEAU_EPOCHS
        or epochs[-1].learning_rate < 0.2 * rate.initial
        or (epochs[-1].train_accuracy or 0) >= LEARNT
    ):
        return None
    for name, lowest in (("train_loss", lowest_loss(situation)), ("validation_loss", 0.0)):
        losses = [getattr(epoch, name) for epoch in epochs]
        if None in losses:
            continue
        if min(losses[-PLATEAU_EPOCHS:]) - lowest < PLATEAU_GAIN * (min(losses[:-PLATEAU_EPOCHS]) - lowest):
            return None
    message = f"the loss has not fallen for {PLATEAU_EPOCHS} epochs: a lower learning rate may get it going again"
    return Advice("plateau", message, 1.0, rate_times(situation, 0.3))
