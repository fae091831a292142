"""How a data set's training digits are divided."""

from __future__ import annotations

from dataset import Dataset
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters


def part_sizes(hyperparameters: Hyperparameters, dataset: Dataset) -> tuple[int, int]:
    """How many training digits are trained on, and how many, the last ones, validate. Raises HyperparameterError where none are left to
    train on.
    """
    count = len(dataset.train)
    validation = round(hyperparameters.training.validation_split * count)
    if validation == count:
        raise HyperparameterError([f"training.validation_split leaves none of {count} digits to train on"])
    return count - validation, validation
