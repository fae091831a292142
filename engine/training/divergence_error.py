"""The error that training ends with when its numbers explode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.advised_error import AdvisedError

if TYPE_CHECKING:
    from engine.hyperparameters.definitions import Hyperparameters
    from engine.model import Model


class DivergenceError(AdvisedError, ArithmeticError):
    """Training left the finite numbers. ``what`` says where; ``kept`` is the model of before, if there is one."""

    def __init__(self, what: str, kept: Model | None, hyperparameters: Hyperparameters) -> None:
        rate = hyperparameters.learning_rate.initial
        consolation = f"The model of {kept.moment} is kept. " if kept else ""
        super().__init__(f"training diverged: {what}", f"{consolation}Try a lower learning rate than learning_rate.initial = {rate:g}.")
