"""The optimisers in NumPy, in place over flat buffers, as PyTorch defines them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.hyperparameters.choices import OptimizerName
from engine.hyperparameters.optimization import Optimizer
from engine.network import Floats
from engine.steps import Step

Update = Callable[[Floats, Floats, Floats, Floats, Floats, Step], None]
"""Takes parameters, gradient, first moment, second moment, scratch, and the step; changes parameters and moments, spoils the other two."""


def scalar(value: float) -> Floats:
    """The number as a 0-d array, which NumPy takes twice as quickly as a Python number."""
    return np.array(value, np.float32)


def update_for(optimizer: Optimizer) -> Update:
    """The update of one optimiser, of parameters p with the gradient g at step t.

    adam: Kingma and Ba (2015), algorithm 1. The first moment m is the moving average of g, the second moment v that of g * g:

        m = beta_1 m + (1 - beta_1) g        v = beta_2 v + (1 - beta_2) g g
        p = p - rate * (m c_1) / (sqrt(v c_2) + epsilon)

    where c = 1 / (1 - beta^t) corrects for moments that begin at zero: ``first_correction`` and ``second_correction`` of the step. In the
    code both sides of the fraction are divided by sqrt(c_2), as at the end of the paper's section 2, which saves a pass over v. Weight
    decay is added to g.

    adamw: Loshchilov and Hutter (2019), algorithm 2: the same, but weight decay shortens p itself. sgd: momentum, kept in m, and Nesterov's
    form as in ``torch.optim.SGD``.
    """
    decays_in_gradient = optimizer.weight_decay > 0 and optimizer.name is not OptimizerName.ADAMW
    decays_apart = optimizer.weight_decay > 0 and optimizer.name is OptimizerName.ADAMW
    weight_decay, momentum, beta_1, beta_2 = (
        scalar(value) for value in (optimizer.weight_decay, optimizer.momentum, optimizer.beta_1, optimizer.beta_2)
    )
    rest_1, rest_2 = scalar(1 - optimizer.beta_1), scalar(1 - optimizer.beta_2)
    multiply, add, subtract = np.multiply, np.add, np.subtract

    def decay_into(gradient: Floats, parameters: Floats, scratch: Floats) -> None:
        multiply(parameters, weight_decay, out=scratch)
        add(gradient, scratch, out=gradient)

    def adam(parameters: Floats, gradient: Floats, first: Floats, second: Floats, scratch: Floats, step: Step) -> None:
        if decays_in_gradient:
            decay_into(gradient, parameters, scratch)
        if decays_apart:
            multiply(parameters, scalar(1 - step.learning_rate * optimizer.weight_decay), out=parameters)
        multiply(gradient, rest_1, out=scratch)
        multiply(first, beta_1, out=first)
        add(first, scratch, out=first)
        multiply(gradient, gradient, out=gradient)
        multiply(gradient, rest_2, out=gradient)
        multiply(second, beta_2, out=second)
        add(second, gradient, out=second)
        root = math.sqrt(step.second_correction)
        np.sqrt(second, out=scratch)
        add(scratch, scalar(optimizer.epsilon / root), out=scratch)
        np.divide(first, scratch, out=scratch)
        multiply(scratch, scalar(step.learning_rate * step.first_correction / root), out=scratch)
        subtract(parameters, scratch, out=parameters)

    def sgd(parameters: Floats, gradient: Floats, first: Floats, second: Floats, scratch: Floats, step: Step) -> None:
        if decays_in_gradient:
            decay_into(gradient, parameters, scratch)
        if optimizer.momentum:
            multiply(first, momentum, out=first)
            add(first, gradient, out=first)
            if optimizer.nesterov:
                multiply(first, momentum, out=scratch)
                add(gradient, scratch, out=gradient)
            else:
                np.copyto(gradient, first)
        multiply(gradient, scalar(step.learning_rate), out=gradient)
        subtract(parameters, gradient, out=parameters)

    return sgd if optimizer.name is OptimizerName.SGD else adam
