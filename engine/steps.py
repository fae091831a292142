"""One record a training step: everything in which one step differs from the next. Both backends read it, the shaders as ``struct Step``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.hyperparameters import Hyperparameters

STEP = np.dtype(
    [
        ("first", np.uint32),  # position, in the epoch's order, of the batch's first sample
        ("samples", np.uint32),
        ("dropout_key", np.uint32),
        ("input_threshold", np.uint32),  # a hash below it drops the pixel
        ("hidden_threshold", np.uint32),
        ("input_scale", np.float32),  # 1 / (1 - probability): inverted dropout
        ("hidden_scale", np.float32),
        ("learning_rate", np.float32),
        ("first_correction", np.float32),  # Adam's 1 / (1 - beta_1^t)
        ("second_correction", np.float32),  # Adam's 1 / (1 - beta_2^t)
        ("weight_l1", np.float32),
        ("weight_l2", np.float32),
        ("bias_l1", np.float32),
        ("bias_l2", np.float32),
        ("max_norm", np.float32),
        ("label_smoothing", np.float32),
        ("average_decay", np.float32),  # 0 in the first step: the average starts as the parameters
        ("unused", np.float32, 3),  # to a multiple of 16 bytes, as a uniform array wants it
    ]
)
Steps = npt.NDArray[Any]
"""An array of STEP."""


def batches(samples: int, batch_size: int) -> int:
    """Steps an epoch, the last, smaller batch included."""
    return -(-samples // batch_size)


def epoch_steps(hyperparameters: Hyperparameters, samples: int, number: int, rates: npt.NDArray[np.float64]) -> Steps:
    """The steps of an epoch over ``samples`` samples: [steps] of STEP. ``number`` counts the steps before it in the whole run, ``rates`` are its learning rates."""
    batch_size, regularization, optimizer = hyperparameters.training.batch_size, hyperparameters.regularization, hyperparameters.optimizer
    count = batches(samples, batch_size)
    steps = np.zeros(count, STEP)
    numbers = number + 1 + np.arange(count)
    steps["first"] = np.arange(count) * batch_size
    steps["samples"] = np.minimum(batch_size, samples - np.arange(count) * batch_size)
    steps["dropout_key"] = counter_random.keys(hyperparameters.training.seed, counter_random.Stream.DROPOUT, numbers.astype(np.uint32))
    for part, probability in (("input", regularization.dropout.input), ("hidden", regularization.dropout.hidden)):
        steps[f"{part}_threshold"] = counter_random.threshold(probability)
        steps[f"{part}_scale"] = 1 / (1 - probability)
    steps["learning_rate"] = rates
    steps["first_correction"] = 1 / (1 - optimizer.beta_1**numbers)
    steps["second_correction"] = 1 / (1 - optimizer.beta_2**numbers)
    for part, net in (("weight", regularization.weights), ("bias", regularization.biases)):
        steps[f"{part}_l1"], steps[f"{part}_l2"] = net.l1, net.l2
    steps["max_norm"] = regularization.max_norm
    steps["label_smoothing"] = regularization.label_smoothing
    steps["average_decay"] = np.where(numbers > 1, hyperparameters.training.averaging, 0.0)
    return steps
