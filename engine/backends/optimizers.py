"""The optimisers in NumPy, in place over flat buffers, as PyTorch defines them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.hyperparameters import Optimizer, OptimizerName
from engine.network import Floats
from engine.steps import Step

Update = Callable[[Floats, Floats, Floats, Floats, Step], None]
"""Takes parameters, gradient (spoilt), first moment, second moment, and the step; changes the first four."""


def update_for(optimizer: Optimizer, size: int) -> Update:
    """The update of one optimiser over buffers of ``size`` floats, with scratch space of its own.

    adam: Kingma and Ba (2015), algorithm 1. adamw: Loshchilov and Hutter (2019), algorithm 2. sgd: momentum and Nesterov's form as in
    ``torch.optim.SGD``.
    """
    scratch = np.empty(size, np.float32)
    decay, beta_1, beta_2, epsilon = optimizer.weight_decay, optimizer.beta_1, optimizer.beta_2, optimizer.epsilon

    def decay_into_gradient(parameters: Floats, gradient: Floats) -> None:
        if decay:
            np.multiply(parameters, decay, out=scratch)
            gradient += scratch

    def adam(parameters: Floats, gradient: Floats, first: Floats, second: Floats, step: Step) -> None:
        rate = step.learning_rate
        if optimizer.name is OptimizerName.ADAM:
            decay_into_gradient(parameters, gradient)
        elif decay:
            parameters *= 1 - rate * decay
        np.multiply(gradient, 1 - beta_1, out=scratch)
        first *= beta_1
        first += scratch
        np.square(gradient, out=gradient)
        gradient *= 1 - beta_2
        second *= beta_2
        second += gradient
        np.multiply(second, step.second_correction, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.add(scratch, epsilon, out=scratch)
        np.divide(first, scratch, out=scratch)
        np.multiply(scratch, rate * step.first_correction, out=scratch)
        parameters -= scratch

    def sgd(parameters: Floats, gradient: Floats, first: Floats, second: Floats, step: Step) -> None:
        decay_into_gradient(parameters, gradient)
        if optimizer.momentum:
            first *= optimizer.momentum
            first += gradient
            if optimizer.nesterov:
                np.multiply(first, optimizer.momentum, out=scratch)
                gradient += scratch
            else:
                gradient[:] = first
        gradient *= step.learning_rate
        parameters -= gradient

    return sgd if optimizer.name is OptimizerName.SGD else adam
