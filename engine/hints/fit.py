"""Rules about what is learnt: too little even of the training digits, or these by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.events import EpochEnded
from engine.hints.advice import HIGH_RATE, LEARNT, Advice, Situation, is_guessing, lowest_loss, times
from engine.hints.rate import has_low_rate, vanishing_gradient
from engine.hyperparameters.definitions import MAXIMUM_LAYER_SIZE, Hyperparameters
from engine.percentages import percent

UNLEARNT = 0.95
"""Accuracy on the training digits below which the network has not learnt them."""
UNDERFITTING_EPOCHS, UNDERFITTING_SHARE, UNDERFITTING_GAIN = 3, 0.05, 0.9
"""Epochs, or the share of all, if that is more, in which the training loss falls no further than to that share of what it can fall by."""
ALIKE = 1.1
"""How many times the training loss the validation loss may be where nothing is learnt by heart."""
MUCH_DROPOUT, LITTLE_DROPOUT = 0.2, 0.1
STRONG_PENALTY = 1e-3
FEWEST_UNITS = 32
"""Of a hidden layer that is made wider."""
OVERFITTING_EPOCHS, OVERFITTING_RISE = 3, 1.05
"""Epochs since the lowest validation loss, and how many times as high it is now."""
VISIBLE = 1e-3
"""The rise of the validation loss that its three decimals show."""
BY_HEART = 0.03
"""How much more of the training digits are right than of the validation digits where these are learnt by heart."""
MOST_DROPOUT = 0.5
A_PIXEL = 1.0


def underfitting(situation: Situation) -> Advice | None:
    """Whether the network no longer learns, although much of the training digits is wrong, and of the validation digits no more. What it
    gets wrong of distorted digits does not tell.
    """
    epochs, values = situation.alike, situation.hyperparameters
    looked_back = max(UNDERFITTING_EPOCHS, round(UNDERFITTING_SHARE * values.training.epochs))
    if len(epochs) <= looked_back or has_learnt(situation) or vanishing_gradient(situation) or has_low_rate(situation):
        return None
    last, before, lowest = epochs[-1], epochs[-1 - looked_back].train_loss, lowest_loss(situation)
    accuracy, part = (last.validation_accuracy, "validation") if values.augmentation.is_on else (last.train_accuracy, "training")
    if last.train_loss is None or accuracy is None or before is None or last.train_loss - lowest < UNDERFITTING_GAIN * (before - lowest):
        return None
    is_too_fast = last.learning_rate > HIGH_RATE[values.optimizer.name]
    learns_by_heart = last.validation_loss is not None and last.validation_loss > ALIKE * last.train_loss
    if is_too_fast or learns_by_heart or is_guessing(situation):
        return None
    reason, changes = _more_capacity(values)
    message = (
        f"underfitting, {reason}: only {percent(accuracy, 1)} of the {part} digits are right, and the training loss hardly falls any more"
    )
    return Advice("underfitting", message, 1.0, changes)


def has_learnt(situation: Situation) -> bool:
    """The training digits; dropout and distortions are not there to disturb where it is validated."""
    last = situation.epochs[-1]
    return max(last.train_accuracy or 0.0, last.validation_accuracy or 0.0) >= UNLEARNT


def _more_capacity(values: Hyperparameters) -> tuple[str, dict[str, Any]]:
    """What is in the way of learning, and the hyperparameters without it."""
    regularization, hidden = values.regularization, values.network.hidden
    if hidden and regularization.dropout.hidden > MUCH_DROPOUT:
        return "so much dropout holds the network back", {"regularization.dropout.hidden": LITTLE_DROPOUT}
    for name in ("l1", "l2"):
        penalty = getattr(regularization.weights, name)
        if penalty >= STRONG_PENALTY:
            return "the penalty on its weights holds the network back", {f"regularization.weights.{name}": float(f"{0.1 * penalty:.1e}")}
    wider = [min(MAXIMUM_LAYER_SIZE, max(FEWEST_UNITS, 2 * size)) for size in hidden] or [FEWEST_UNITS]
    return "the network is too small", {"network.hidden": wider}


def overfitting(situation: Situation) -> Advice | None:
    """Whether the validation loss rises while the training loss falls, and no epoch is better than the one that it rises from, or whether
    the training digits are known by heart and the validation digits much less well.
    """
    return _rising_validation_loss(situation) or _learnt_by_heart(situation)


def _rising_validation_loss(situation: Situation) -> Advice | None:
    epochs = situation.alike
    losses = [epoch.validation_loss for epoch in epochs if epoch.validation_loss is not None]
    if not losses or len(losses) < len(epochs):
        return None
    best = _last_improvement(epochs)
    then, now, since = epochs[best].train_loss, epochs[-1].train_loss, len(losses) - 1 - best
    if since < OVERFITTING_EPOCHS or losses[-1] < OVERFITTING_RISE * losses[best] or then is None or now is None or now >= then:
        return None
    if losses[-1] - losses[best] < VISIBLE:
        return None
    message = (
        f"overfitting: the validation loss is above that of epoch {epochs[best].epoch} ({losses[-1]:.3f}, was {losses[best]:.3f}),"
        " while the training loss falls"
    )
    return Advice("overfitting", message, times(losses[-1], losses[best]), _more_regularization(situation.hyperparameters))


def _learnt_by_heart(situation: Situation) -> Advice | None:
    last = situation.epochs[-1] if situation.alike else None
    if last is None or last.train_accuracy is None or last.validation_accuracy is None or last.train_accuracy < LEARNT:
        return None
    if last.train_accuracy - last.validation_accuracy < BY_HEART:
        return None
    message = (
        f"overfitting: {percent(last.train_accuracy, 1)} of the training digits are right,"
        f" but only {percent(last.validation_accuracy, 1)} of the validation digits"
    )
    return Advice("overfitting", message, 1.0, _more_regularization(situation.hyperparameters))


def _last_improvement(epochs: Sequence[EpochEnded]) -> int:
    """The index of the last epoch with a lower validation loss, or a higher validation accuracy, than all before it."""
    best, lowest, highest = 0, math.inf, -math.inf
    for index, epoch in enumerate(epochs):
        loss, accuracy = epoch.validation_loss, epoch.validation_accuracy
        if (loss is not None and loss < lowest) or (accuracy is not None and accuracy > highest):
            best = index
        lowest, highest = min(lowest, math.inf if loss is None else loss), max(highest, -math.inf if accuracy is None else accuracy)
    return best


def generalizes_again(situation: Situation) -> bool:
    """Whether the last epoch is the best so far, and nothing is known by heart."""
    epochs = situation.alike
    return bool(epochs) and _last_improvement(epochs) == len(epochs) - 1 and _learnt_by_heart(situation) is None


def _more_regularization(values: Hyperparameters) -> dict[str, Any]:
    """Other digits where these are always the same: that helps most, and costs least. Else dropout, or smaller weights."""
    if not values.augmentation.is_on:
        return {"augmentation.shift": A_PIXEL}
    dropout = values.regularization.dropout.hidden
    if values.network.hidden and dropout < MOST_DROPOUT:
        return {"regularization.dropout.hidden": round(min(MOST_DROPOUT, max(0.2, dropout + 0.1)), 3)}
    l2 = values.regularization.weights.l2
    return {"regularization.weights.l2": float(f"{max(1e-5, 3 * l2):.1e}")}
