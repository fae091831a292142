"""How the numbers in a network are spread: weights, activations and gradients, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.insight import backpropagation
from engine.insight.dead_units import count_dead
from engine.network import Floats, Layer, Network

BINS = 60
"""Has many divisors, so that a narrow picture can put whole bins together."""
SAMPLES = 256
"""Training digits that activations and gradients are taken over, at the most."""


@dataclass(frozen=True)
class Histogram:
    """``counts`` of ``BINS`` bins of one width between ``low`` and ``high``, in which all finite values lie."""

    counts: tuple[int, ...]
    low: float
    high: float
    mean: float
    deviation: float

    def merged(self, bins: int) -> tuple[int, ...]:
        """The counts in ``bins`` bins, a divisor of their number."""
        size = len(self.counts) // bins
        return tuple(sum(self.counts[begin : begin + size]) for begin in range(0, len(self.counts), size))


@dataclass(frozen=True)
class LayerHistograms:
    """Of one layer. The output layer's activations are its raw outputs."""

    name: str
    weights: Histogram
    activations: Histogram
    gradients: Histogram
    """Of the mean loss, by the weights."""
    neurons: int
    dead: int
    """Hidden neurons that no digit moved."""


def histogram(values: npt.NDArray[np.floating]) -> Histogram:
    """Of all finite numbers in ``values``; empty, from 0 to 0, where there is none."""
    finite = values[np.isfinite(values)].astype(np.float64)  # float32 has no bins between numbers that are side by side, or next to 0
    if not finite.size:
        return Histogram((0,) * BINS, 0.0, 0.0, 0.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    counts, _ = np.histogram(finite, BINS, (low, high) if low < high else (low - 0.5, high + 0.5))
    return Histogram(tuple(counts.tolist()), low, high, float(finite.mean()), float(finite.std()))


def layer_name(layer: Layer) -> str:
    """``Hidden layer 2``, or ``Output``."""
    return "Output" if layer.activation is None else f"Hidden layer {layer.index + 1}"


def layer_histograms(
    network: Network, parameters: Floats, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]
) -> list[LayerHistograms]:
    """Of every layer; activations and gradients over the first ``SAMPLES`` of ``images`` [n, inputs] with ``labels`` [n]."""
    values: Floats = np.divide(images[:SAMPLES], 255, dtype=np.float32)
    passages = backpropagation.forward(network, parameters, values)
    gradients = backpropagation.loss_gradients(passages, parameters, labels[:SAMPLES], network.loss)
    return [
        LayerHistograms(
            name=layer_name(passage.layer),
            weights=histogram(passage.layer.weight(parameters)),
            activations=histogram(passage.activated),
            gradients=histogram(gradient.weight),
            neurons=passage.layer.outputs,
            dead=0 if passage.layer.activation is None else count_dead(passage),
        )
        for passage, gradient in zip(passages, gradients, strict=True)
    ]
