"""The elastic net's part of the gradient, over flat buffers."""

from __future__ import annotations

import numpy as np

from engine.network import Floats, Network
from engine.steps import Step

STEEP = np.array(2.0**50, np.float32)
"""l1 sign(w) is computed as w times this, cut off at -l1 and l1: twice as quick as ``numpy.sign``, and the same unless w is almost 0."""


class ElasticNetPenalty:
    """Adds l1 sign(w) + 2 l2 w to the gradient: the derivative of l1 |w| + l2 w² (Zou and Hastie, 2005). Weights and biases have an l1 and
    an l2 each; gains and shifts of layer normalisation have none.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._factors = (0.0, 0.0, 0.0, 0.0)
        self._has_l1 = self._has_l2 = False
        self._l1, self._minus_l1, self._twice_l2 = (np.zeros(network.size, np.float32) for _ in range(3))

    def add_gradient(self, part: slice, parameters: Floats, gradient: Floats, scratch: Floats) -> None:
        """Adds the penalty's derivative to ``gradient``, and spoils ``scratch``. All three are the slice ``part`` of their flat buffers."""
        if self._has_l2:
            np.multiply(parameters, self._twice_l2[part], out=scratch)
            np.add(gradient, scratch, out=gradient)
        if self._has_l1:
            np.multiply(parameters, STEEP, out=scratch)
            np.minimum(scratch, self._l1[part], out=scratch)
            np.maximum(scratch, self._minus_l1[part], out=scratch)
            np.add(gradient, scratch, out=gradient)

    def set_factors(self, step: Step) -> None:
        """Takes over the step's l1 and l2, which seldom change; ``add_gradient`` uses them from now on."""
        factors = (step.weight_l1, step.bias_l1, step.weight_l2, step.bias_l2)
        if factors == self._factors:
            return
        self._factors = factors
        self._has_l1, self._has_l2 = bool(step.weight_l1 or step.bias_l1), bool(step.weight_l2 or step.bias_l2)
        for layer in self._network.layers:
            for buffer, weight, bias in ((self._l1, step.weight_l1, step.bias_l1), (self._twice_l2, 2 * step.weight_l2, 2 * step.bias_l2)):
                block = layer.block(buffer)
                block[: layer.bias_row, : layer.outputs], block[layer.bias_row, : layer.outputs] = weight, bias
        np.negative(self._l1, out=self._minus_l1)
