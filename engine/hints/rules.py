"""What a run's figures say about its hyperparameters: rules that look at epochs and answer with advice, or with None."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from dataset import Dataset
from engine.hints.advice import ENOUGH_STEPS, Advice, Situation, rate_times
from engine.hints.fit import generalizes_again, has_learnt, overfitting, underfitting
from engine.hints.rate import learning_rate, learns_again, low_learning_rate, plateau, vanishing_gradient
from engine.hyperparameters.choices import Activation
from engine.hyperparameters.definitions import Hyperparameters
from engine.percentages import percent

FEW_STEPS = 20
"""Steps an epoch."""
FEW_IMAGES = 256
"""Those that are looked at before all are."""
SLOW_STEP, QUICK_STEP = 1.0, 0.5
"""Seconds."""
DEAD_SHARE, SPARED_SHARE = 0.1, 0.5
"""Of a layer's neurons: how many dead ones are too many, and how many a network can spare that has learnt the digits without them."""
CAN_DIE = (Activation.RELU, Activation.GELU, Activation.SWISH)
"""Activations that are zero, or as good as, for all low sums: no gradient brings a neuron back that has only those."""


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


RULES: tuple[Callable[[Situation], Advice | None], ...] = (
    learning_rate,
    low_learning_rate,
    vanishing_gradient,
    underfitting,
    overfitting,
    plateau,
    batch_for_data,
    batch_for_device,
)
"""What is asked after every epoch."""

REFUTATIONS: Mapping[str, Callable[[Situation], bool]] = {
    "learning_rate": learns_again,
    "low_learning_rate": lambda situation: low_learning_rate(situation) is None,
    "vanishing_gradient": lambda situation: vanishing_gradient(situation) is None,
    "underfitting": has_learnt,
    "overfitting": generalizes_again,
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


def dead_units(situation: Situation, shares: Sequence[float]) -> Advice | None:
    """Advice for shares of dead neurons, one a hidden layer."""
    worst = max(shares, default=0.0)
    if worst < (SPARED_SHARE if has_learnt(situation) else DEAD_SHARE):
        return None
    message = f"{percent(worst, 0)} of the neurons of hidden layer {shares.index(worst) + 1} never fire: they learn nothing any more"
    return Advice("dead_units", message, worst, {"network.activation": Activation.LEAKY_RELU.value})


def divergence(situation: Situation) -> Advice:
    """Advice for a run that left the finite numbers."""
    return Advice("learning_rate", "training diverged: the learning rate is too high", math.inf, rate_times(situation, 0.1))


def out_of_memory(hyperparameters: Hyperparameters) -> Advice | None:
    """Advice for a run that has no room on its device."""
    size = hyperparameters.training.batch_size
    if size < ENOUGH_STEPS:
        return None
    return Advice("batch_size", "the batch may be too large for the device's memory", 1.0, {"training.batch_size": size // 4})
