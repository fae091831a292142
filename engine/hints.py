"""What a run's figures say about its hyperparameters: rules that look at epochs and answer with advice, or with None."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset import Dataset
from engine.events import EpochEnded
from engine.hyperparameters import Activation, Hyperparameters, Loss, OptimizerName
from engine.schedule import PER_STEP

OVERFITTING_EPOCHS, OVERFITTING_RISE = 3, 1.05
"""Epochs since the lowest validation loss, and how many times as high it is now."""
VISIBLE = 1e-3
"""The rise of the validation loss that its three decimals show."""
PLATEAU_EPOCHS, PLATEAU_GAIN = 5, 0.99
"""Epochs whose lowest loss is more than that share of the lowest before."""
LEARNT = 0.995
"""Training accuracy that leaves little to learn."""
RISE, JUMP = 1.05, 1.5
"""How many times the training loss may grow, over the lowest so far in two epochs, or in one."""
NOTICEABLE = 0.05
"""The share of the first epoch's loss that a rise must come to: close to zero every loss wavers."""
CHANCE = 1.5
"""How many times as accurate as guessing a network is that has learnt nothing."""
FAR_WORSE = 100.0
"""How many times the loss of guessing no network that is about to learn has over an epoch."""
HIGH_RATE = {OptimizerName.SGD: 0.1, OptimizerName.ADAM: 3e-3, OptimizerName.ADAMW: 3e-3}
"""Below, a network that learns nothing may have another reason."""
FEW_STEPS, ENOUGH_STEPS = 20, 100
"""Steps an epoch."""
FEW_IMAGES = 256
"""Those that are looked at before all are."""
SLOW_STEP, QUICK_STEP = 1.0, 0.5
"""Seconds."""
DEAD_SHARE = 0.1
"""Of a layer's units."""
CAN_DIE = (Activation.RELU, Activation.GELU, Activation.SWISH)
"""Activations that are zero, or as good as, for all low sums: no gradient brings a unit back that has only those."""
MOST_DROPOUT = 0.5


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


def learning_rate(situation: Situation) -> Advice | None:
    """Whether the learning rate is too high: the training loss rises, or nothing is learnt at all."""
    epochs, values = situation.alike, situation.hyperparameters
    if not epochs:
        return None
    last = epochs[-1]
    if _is_guessing(situation) and situation.steps >= ENOUGH_STEPS and last.learning_rate >= HIGH_RATE[values.optimizer.name]:
        message = f"after epoch {last.epoch} the network is no better than guessing: the learning rate is too high"
        return Advice("learning_rate", message, math.inf, _rate(situation, 0.1))
    if last.train_loss is not None and _is_far_worse(situation):
        message = f"the training loss is {last.train_loss:.1e}, far worse than guessing: the learning rate is too high"
        return Advice("learning_rate", message, math.inf, _rate(situation, 0.1))
    losses = [epoch.train_loss for epoch in epochs if epoch.train_loss is not None]
    if len(losses) < 3 or len(losses) < len(epochs) or last.learning_rate > epochs[-2].learning_rate:
        return None
    lowest = min(losses)
    rises = losses[-1] > losses[-2] > losses[-3] and losses[-1] > RISE * lowest and epochs[-2].learning_rate <= epochs[-3].learning_rate
    if not _is_noticeable(situation, losses[-1] - lowest) or not (rises or losses[-1] > JUMP * losses[-2]):
        return None
    message = f"the training loss rises, to {losses[-1]:.3f} from {lowest:.3f} at its lowest: the learning rate is too high"
    return Advice("learning_rate", message, _times(losses[-1], lowest), _rate(situation, 0.3))


def _times(now: float, before: float) -> float:
    """How many times as high; what is learnt entirely may have a loss of exactly 0."""
    return now / before if before else math.inf


def _learns_again(situation: Situation) -> bool:
    """Whether the training loss is as low again as it was."""
    losses = [epoch.train_loss for epoch in situation.alike if epoch.train_loss is not None]
    if not losses or _is_guessing(situation) or _is_far_worse(situation):
        return False
    lowest = min(losses)
    return losses[-1] <= RISE * lowest or not _is_noticeable(situation, losses[-1] - lowest)


def _is_guessing(situation: Situation) -> bool:
    accuracy = situation.epochs[-1].train_accuracy
    return accuracy is not None and accuracy < CHANCE / situation.classes


def _is_far_worse(situation: Situation) -> bool:
    """Than guessing: giving equal probabilities, or outputs that are all 0."""
    guessing = math.log(situation.classes) if situation.hyperparameters.network.loss is Loss.CROSS_ENTROPY else 0.5
    loss = situation.epochs[-1].train_loss
    return loss is not None and loss > FAR_WORSE * guessing


def _is_noticeable(situation: Situation, rise: float) -> bool:
    return rise >= NOTICEABLE * (situation.epochs[0].train_loss or 0.0)


def overfitting(situation: Situation) -> Advice | None:
    """Whether the validation loss rises while the training loss falls, and no epoch is better than the one that it rises from."""
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
    return Advice("overfitting", message, _times(losses[-1], losses[best]), _more_regularization(situation.hyperparameters))


def _last_improvement(epochs: Sequence[EpochEnded]) -> int:
    """The index of the last epoch with a lower validation loss, or a higher validation accuracy, than all before it."""
    best, lowest, highest = 0, math.inf, -math.inf
    for index, epoch in enumerate(epochs):
        loss, accuracy = epoch.validation_loss, epoch.validation_accuracy
        if (loss is not None and loss < lowest) or (accuracy is not None and accuracy > highest):
            best = index
        lowest, highest = min(lowest, math.inf if loss is None else loss), max(highest, -math.inf if accuracy is None else accuracy)
    return best


def _generalizes_again(situation: Situation) -> bool:
    """Whether the last epoch is the best so far."""
    epochs = situation.alike
    return bool(epochs) and _last_improvement(epochs) == len(epochs) - 1


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
    for name in ("train_loss", "validation_loss"):
        losses = [getattr(epoch, name) for epoch in epochs]
        if None in losses:
            continue
        if min(losses[-PLATEAU_EPOCHS:]) < PLATEAU_GAIN * min(losses[:-PLATEAU_EPOCHS]):
            return None
    message = f"the loss has not fallen for {PLATEAU_EPOCHS} epochs: a lower learning rate may get it going again"
    return Advice("plateau", message, 1.0, _rate(situation, 0.3))


def batch_for_data(situation: Situation) -> Advice | None:
    """Whether an epoch has too few steps to learn much."""
    size = situation.hyperparameters.training.batch_size
    if situation.steps >= FEW_STEPS or size == 1:
        return None
    smaller = 2 ** max(0, math.floor(math.log2(max(1, situation.steps * size / ENOUGH_STEPS))))
    if smaller >= size:
        return None
    message = f"the batch is large for the data: an epoch has only {situation.steps} step{'s' if situation.steps > 1 else ''}"
    return Advice("batch_size", message, 1.0, {"training.batch_size": smaller})


def batch_for_device(situation: Situation) -> Advice | None:
    """Whether a step takes so long that the batch is too large for the device."""
    if not situation.epochs:
        return None
    seconds, size = situation.epochs[-1].seconds / situation.steps, situation.hyperparameters.training.batch_size
    smaller = size
    while smaller > 1 and seconds * smaller / size > QUICK_STEP:
        smaller //= 2
    if seconds < SLOW_STEP or smaller == size:
        return None
    message = f"the batch is large for the device: a step takes {seconds:.1f} s"
    return Advice("batch_size", message, seconds, {"training.batch_size": smaller})


RULES: tuple[Callable[[Situation], Advice | None], ...] = (learning_rate, overfitting, plateau, batch_for_data, batch_for_device)
"""What is asked after every epoch."""

REFUTATIONS: Mapping[str, Callable[[Situation], bool]] = {
    "learning_rate": _learns_again,
    "overfitting": _generalizes_again,
    "plateau": lambda situation: plateau(situation) is None,
}
"""When advice that compares epochs holds no longer, by its kind. Wider than the rules, so that advice does not come and go."""


def uniform_data(dataset: Dataset) -> Advice | None:
    """Whether all training images are the same one."""
    images = dataset.train.images
    few = images[:FEW_IMAGES]
    if not (few == images[0]).all() or not (images == images[0]).all():
        return None
    return Advice("data", f"all training images of {dataset.name} are the same: there is nothing to learn from them", math.inf)


def dead_units(shares: Sequence[float]) -> Advice | None:
    """Advice for shares of dead units, one a hidden layer."""
    worst = max(shares, default=0.0)
    if worst < DEAD_SHARE:
        return None
    message = f"{worst:.0%} of the units of hidden layer {shares.index(worst) + 1} never fire: they learn nothing any more"
    return Advice("dead_units", message, worst, {"network.activation": Activation.LEAKY_RELU.value})


def divergence(situation: Situation) -> Advice:
    """Advice for a run that left the finite numbers."""
    return Advice("learning_rate", "training diverged: the learning rate is too high", math.inf, _rate(situation, 0.1))


def out_of_memory(hyperparameters: Hyperparameters) -> Advice | None:
    """Advice for a run that has no room on its device."""
    size = hyperparameters.training.batch_size
    if size < ENOUGH_STEPS:
        return None
    return Advice("batch_size", "the batch may be too large for the device's memory", 1.0, {"training.batch_size": size // 4})


def _rate(situation: Situation, factor: float) -> dict[str, Any]:
    """A lower learning rate, of two digits; of the rate in force now, where it falls between epochs."""
    rate = situation.hyperparameters.learning_rate
    if rate.decay.method in PER_STEP or rate.warmup or not situation.epochs:
        base = rate.initial
    else:
        base = min(rate.initial, situation.epochs[-1].learning_rate)
    return {"learning_rate.initial": float(f"{base * factor:.1e}")}


def _more_regularization(values: Hyperparameters) -> dict[str, Any]:
    dropout = values.regularization.dropout.hidden
    if values.network.hidden and dropout < MOST_DROPOUT:
        return {"regularization.dropout.hidden": round(min(MOST_DROPOUT, max(0.2, dropout + 0.1)), 3)}
    l2 = values.regularization.weights.l2
    return {"regularization.weights.l2": float(f"{max(1e-5, 3 * l2):.1e}")}
