"""The learning rate of every step: decay, restart and warm-up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.hyperparameters.choices import DecayMethod
from engine.hyperparameters.optimization import LearningRate

PER_STEP = (DecayMethod.COSINE, DecayMethod.LINEAR)
"""The methods that change the rate every step; the others act between epochs."""


class Schedule:
    """Learning rates, an epoch at a time and in order.

    Step, exponential and inverse decay act between epochs on the rate in force; cosine and linear act every step, from the initial rate to
    0 over all epochs or, with restarts, over a restart interval. Cosine annealing with restarts is Loshchilov and Hutter (2017), equation
    5, with a lowest rate of 0.
    """

    def __init__(self, hyperparameters: LearningRate, epochs: int) -> None:
        self._hyperparameters = hyperparameters
        self._epochs = epochs
        self.rate = hyperparameters.initial
        """The rate before the per-step decay and the warm-up."""
        self.finished = 0
        """Epochs that ``advance`` has seen."""

    def rates(self, steps: int) -> npt.NDArray[np.float64]:
        """The rates of the next epoch's ``steps`` steps: [steps]."""
        position = self.finished + np.arange(steps) / steps
        rates = np.full(steps, self.rate)
        method, interval = self._hyperparameters.decay.method, self._hyperparameters.restart.interval
        if method in PER_STEP:
            fraction = position % interval / interval if interval else np.minimum(position / self._epochs, 1.0)
            rates *= (1 + np.cos(np.pi * fraction)) / 2 if method is DecayMethod.COSINE else 1 - fraction
        if self._hyperparameters.warmup:
            rates *= np.minimum((position + 1 / steps) / self._hyperparameters.warmup, 1.0)
        return rates

    def advance(self) -> None:
        """Ends an epoch: decays the rate in force, or restarts it."""
        self.finished += 1
        decay, restart = self._hyperparameters.decay, self._hyperparameters.restart
        since = self.finished % restart.interval if restart.interval else self.finished
        if since % decay.interval == 0:
            if decay.method is DecayMethod.STEP:
                self.rate *= decay.rate
            elif decay.method is DecayMethod.EXPONENTIAL:
                self.rate *= decay.rate**since
            elif decay.method is DecayMethod.INVERSE:
                self.rate /= 1 + decay.rate * since
        if restart.interval and self.finished % restart.interval == 0:
            self.rate = restart.value
