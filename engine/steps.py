"""One record a training step: everything in which one step differs from the next. Both backends read it, the shaders as ``struct Step``."""

from __future__ import annotations

from typing import Any, NamedTuple, get_type_hints

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.hyperparameters.definitions import Hyperparameters


class Step(NamedTuple):
    """What one training step needs to know."""

    first: int
    """Position, in the epoch's order, of the batch's first sample."""
    samples: int
    """How many the batch has."""
    dropout_key: int
    """What the random numbers of this step's dropout are drawn from: ``counter_random.key``."""
    input_threshold: int
    """A pixel is dropped where its hash is below this; 0 drops none."""
    hidden_threshold: int
    """The same for the neurons of hidden layers."""
    input_scale: float
    """1 / (1 - probability): inverted dropout."""
    hidden_scale: float
    learning_rate: float
    first_correction: float
    """Adam's 1 / (1 - beta_1^t), where t counts the network's steps from 1."""
    second_correction: float
    """The same with beta_2."""
    weight_l1: float
    weight_l2: float
    bias_l1: float
    bias_l2: float
    max_norm: float
    label_smoothing: float
    average_decay: float
    """How much of the moving average of the parameters stays; 0 in the first step, so that it starts as the parameters."""
    augmentation_key: int
    """What the random numbers of this step's distortions are drawn from."""
    distortion: float
    """The share of augmentation's limits that holds, 0 to 1."""


_KINDS = {int: np.uint32, float: np.float32}
_PADDING = -len(Step._fields) % 4  # a uniform array wants records of a multiple of 16 bytes
STEP = np.dtype([*((name, _KINDS[kind]) for name, kind in get_type_hints(Step).items()), ("padding", np.float32, _PADDING)])
Steps = npt.NDArray[Any]
"""An array of STEP, the record as the shaders read it."""
MOMENT = np.dtype(
    [("learning_rate", np.float32), ("first_correction", np.float32), ("second_correction", np.float32), ("dropout_key", np.uint32)]
)
"""In what a step of one network of a population differs from the same step of another; the shaders' ``struct Moment``."""
Moments = npt.NDArray[Any]
"""An array of MOMENT."""


def unpack(steps: Steps) -> list[Step]:
    """The records as Python numbers."""
    return [Step(*record[:-1]) for record in steps.tolist()]


def batches(samples: int, batch_size: int) -> int:
    """Steps an epoch, the last, smaller batch included."""
    return -(-samples // batch_size)


def bias_correction(beta: float, numbers: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float64]:
    """Adam's 1 / (1 - beta^t) at steps ``numbers``, counted from 1 (Kingma and Ba, 2015, algorithm 1)."""
    corrections: npt.NDArray[np.float64] = 1 / (1 - beta**numbers)
    return corrections


def epoch_steps(hyperparameters: Hyperparameters, samples: int, number: int, rates: npt.NDArray[np.float64]) -> Steps:
    """The steps of an epoch over ``samples`` training samples: [steps] of STEP.

    ``number`` counts the steps that the network has been trained for before this epoch, ``rates`` are the epoch's learning rates, [steps].
    """
    batch_size, regularization, optimizer = hyperparameters.training.batch_size, hyperparameters.regularization, hyperparameters.optimizer
    count = batches(samples, batch_size)
    steps = np.zeros(count, STEP)
    numbers = number + 1 + np.arange(count)
    steps["first"] = np.arange(count) * batch_size
    steps["samples"] = np.minimum(batch_size, samples - np.arange(count) * batch_size)
    for part, stream in (("dropout", counter_random.Stream.DROPOUT), ("augmentation", counter_random.Stream.AUGMENTATION)):
        steps[f"{part}_key"] = counter_random.keys(hyperparameters.training.seed, stream, numbers.astype(np.uint32))
    for part, probability in (("input", regularization.dropout.input), ("hidden", regularization.dropout.hidden)):
        steps[f"{part}_threshold"] = counter_random.threshold(probability)
        steps[f"{part}_scale"] = 1 / (1 - probability)
    steps["learning_rate"] = rates
    steps["first_correction"] = bias_correction(optimizer.beta_1, numbers)
    steps["second_correction"] = bias_correction(optimizer.beta_2, numbers)
    for part, net in (("weight", regularization.weights), ("bias", regularization.biases)):
        steps[f"{part}_l1"], steps[f"{part}_l2"] = net.l1, net.l2
    steps["max_norm"] = regularization.max_norm
    steps["label_smoothing"] = regularization.label_smoothing
    steps["distortion"] = _distortion(hyperparameters, numbers / (count * hyperparameters.training.epochs))
    steps["average_decay"] = np.where(numbers > 1, hyperparameters.training.averaging, 0.0)
    return steps


def _distortion(hyperparameters: Hyperparameters, done: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The share of augmentation's limits that still holds when a share ``done`` of all steps is done, 0 to 1 each: [steps]. Over the last
    ``augmentation.fade`` of training it falls from 1 to 0 in a straight line.
    """
    fade = hyperparameters.augmentation.fade
    return np.clip((1 - done) / fade, 0, 1) if fade else np.ones_like(done)
