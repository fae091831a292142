"""Max-norm: no neuron's incoming weight vector may measure more than a limit (Srebro, Rennie and Jaakkola, 2005)."""

from __future__ import annotations

import numpy as np

from engine.network import Floats, Network


class NormLimiter:
    """Shortens weight vectors in ``parameters``, a flat buffer. ``scratch``, as large, is spoiled."""

    def __init__(self, network: Network, parameters: Floats, scratch: Floats) -> None:
        self._parameters, self._scratch = parameters, scratch
        ends = np.cumsum([layer.outputs for layer in network.layers])
        self._starts = ends - [layer.outputs for layer in network.layers]
        self._neurons = np.empty(ends[-1], np.float32)
        """A number a neuron, of all layers: the square of its norm, then what to multiply its weights by."""
        ones = np.ones(max(network.sizes), np.float32)
        self._layers = [
            (layer.weight(parameters), ones[: layer.inputs], layer.weight(scratch), neurons)
            for layer, neurons in zip(network.layers, np.split(self._neurons, ends[:-1]), strict=True)
        ]

    def limit(self, most: float) -> None:
        """Scales down the weights of every neuron whose incoming weight vector, without its bias, is longer than ``most``."""
        neurons = self._neurons
        np.square(self._parameters, out=self._scratch)
        for _, ones, squares, squared in self._layers:
            np.dot(ones, squares, out=squared)  # much faster than a reduction over the rows
        if np.maximum.reduce(neurons) <= most * most:
            return
        largest = np.maximum.reduceat(neurons, self._starts).tolist()
        np.sqrt(neurons, out=neurons)
        np.maximum(neurons, most, out=neurons)
        np.divide(most, neurons, out=neurons)
        for (weight, _, _, factors), squared in zip(self._layers, largest, strict=True):
            if squared > most * most:
                np.multiply(weight, factors, out=weight)
