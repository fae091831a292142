from __future__ import annotations

import math

import numpy as np
import pytest

from engine.hyperparameters.choices import Activation, Initializer
from engine.hyperparameters.definitions import Network as NetworkHyperparameters
from engine.insight.histograms import BINS, histogram, layer_histograms
from engine.network import build, initial_parameters


def test_a_histogram_counts_every_finite_number_once() -> None:
    found = histogram(np.array([[0.0, 1.0, 2.0], [2.0, math.nan, math.inf]]))
    assert (found.low, found.high, sum(found.counts)) == (0.0, 2.0, 4)
    assert (found.counts[0], found.counts[BINS // 2], found.counts[-1]) == (1, 1, 2)
    assert found.mean == 1.25
    assert found.deviation == pytest.approx(math.sqrt(11) / 4)


@pytest.mark.parametrize("bins", [60, 30, 20, 12, 1])
def test_bins_are_put_together_whole(bins: int) -> None:
    found = histogram(np.arange(600.0))
    assert found.merged(bins) == (600 // bins,) * bins


@pytest.mark.parametrize(("values", "total"), [([3.0, 3.0], 2), ([], 0), ([math.nan], 0)])
def test_what_has_no_spread_has_a_histogram_too(values: list[float], total: int) -> None:
    assert sum(histogram(np.array(values)).counts) == total


@pytest.mark.parametrize("ends", [(-1.8e-44, 1.8e-44), (1.0, np.nextafter(np.float32(1), np.float32(2))), (-3e38, 3e38)])
def test_numbers_that_float32_cannot_part(ends: tuple[float, float]) -> None:
    """As gradients become after thousands of epochs."""
    found = histogram(np.array([*ends, ends[1]], np.float32))
    assert (found.counts[0], found.counts[-1], sum(found.counts)) == (1, 2, 3)
    assert found.low < found.mean < found.high


def test_layers_with_dead_units() -> None:
    network = build(NetworkHyperparameters(hidden=(6, 5), activation=Activation.RELU), 9, 3)
    parameters = initial_parameters(network, Initializer.HE_NORMAL, 0)
    first = network.layers[0]
    first.weight(parameters)[:] = np.abs(first.weight(parameters))
    first.weight(parameters)[:, :2] *= -1
    images, labels = np.full((4, 9), 100, np.uint8), np.zeros(4, np.uint8)
    found = layer_histograms(network, parameters, images, labels)
    assert [layer.name for layer in found] == ["Hidden layer 1", "Hidden layer 2", "Output"]
    assert [sum(layer.weights.counts) for layer in found] == [54, 30, 15]
    assert [sum(layer.activations.counts) for layer in found] == [24, 20, 12]
    assert [sum(layer.gradients.counts) for layer in found] == [54, 30, 15]
    assert (found[0].dead, found[2].dead) == (2, 0)
