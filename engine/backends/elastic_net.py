"""The elastic net's part of the gradient, over flat buffers."""

from __future__ import annotations

import numpy as np

from engine.network import Floats, Network
from engine.steps import Step


class ElasticNetPenalty:
    """Adds l1 sign(w) + 2 l2 w, with the factors of the weights and of the biases each in their place; gains and shifts are left alone."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._factors: tuple[float, ...] = ()
        self._l1, self._twice_l2 = (np.zeros(network.size, np.float32) for _ in range(2))

    def add_gradient(self, parameters: Floats, gradient: Floats, scratch: Floats, step: Step) -> None:
        """Adds to ``gradient``; spoils ``scratch``."""
        factors = (step.weight_l1, step.bias_l1, step.weight_l2, step.bias_l2)
        if factors != self._factors:
            self._set_factors(*factors)
        if step.weight_l2 or step.bias_l2:
            np.multiply(parameters, self._twice_l2, out=scratch)
            gradient += scratch
        if step.weight_l1 or step.bias_l1:
            np.sign(parameters, out=scratch)
            scratch *= self._l1
            gradient += scratch

    def _set_factors(self, weight_l1: float, bias_l1: float, weight_l2: float, bias_l2: float) -> None:
        self._factors = (weight_l1, bias_l1, weight_l2, bias_l2)
        for layer in self._network.layers:
            for factor, weight, bias in ((self._l1, weight_l1, bias_l1), (self._twice_l2, 2 * weight_l2, 2 * bias_l2)):
                block = layer.block(factor)
                block[: layer.bias_row], block[layer.bias_row] = weight, bias
