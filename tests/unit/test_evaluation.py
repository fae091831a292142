"""Figures worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
import threadpoolctl

from engine import inference
from engine.evaluation import ClassFigures, evaluate
from engine.hyperparameters.choices import Activation, Initializer, Loss
from engine.hyperparameters.definitions import Network
from engine.network import Floats, build, from_tensors, initial_parameters

SOFTMAX = np.log(np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.85, 0.05], [0.3, 0.3, 0.4]], np.float32))
LABELS = np.array([0, 1, 0, 2], np.uint8)


def test_every_figure_of_four_samples() -> None:
    found = evaluate(SOFTMAX, LABELS, Loss.CROSS_ENTROPY)
    assert found.samples == 4
    assert found.accuracy == 0.75
    assert found.loss == pytest.approx(-np.log([0.7, 0.7, 0.1, 0.4]).mean(), rel=1e-6)
    assert found.confusion == ((1, 1, 0), (0, 1, 0), (0, 0, 1))
    assert found.classes == (ClassFigures(1.0, 0.5, 2 / 3, 2), ClassFigures(0.5, 1.0, 2 / 3, 1), ClassFigures(1.0, 1.0, 1.0, 1))
    assert (found.wrong, found.hardest) == (1, (2,))
    low, high = found.interval
    assert low < 0.75 < high
    for end in (low, high):  # were the accuracy that, 3 of 4 would be as far from it as 5% of all samples are
        assert abs(0.75 - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / 4), rel=1e-6)
    assert json.loads(json.dumps(found.plain()))["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_calibration_is_the_gap_between_confidence_and_accuracy() -> None:
    found = evaluate(
        np.log(np.array([[0.65, 0.35], [0.65, 0.35], [0.05, 0.95]], np.float32)), np.array([0, 1, 1], np.uint8), Loss.CROSS_ENTROPY
    )
    bins = {item.upper: item for item in found.calibration if item.samples}
    assert list(bins) == pytest.approx([0.7, 1.0])
    low, high = bins.values()
    assert (low.samples, low.accuracy, high.samples, high.accuracy) == (2, 0.5, 1, 1.0)
    assert low.confidence == pytest.approx(0.65)
    assert found.calibration_error == pytest.approx((2 * 0.15 + 0.05) / 3, rel=1e-5)
    assert len(found.calibration) == 10
    assert sum(item.samples for item in found.calibration) == 3


def test_the_surest_mistake_is_the_hardest() -> None:
    outputs = np.array([[1, 0], [3, 0], [2, 0], [0, 9]], np.float32)
    assert evaluate(outputs, np.array([1, 1, 1, 1], np.uint8), Loss.CROSS_ENTROPY).hardest == (1, 2, 0)


def test_a_class_that_never_comes_has_no_figures() -> None:
    found = evaluate(np.array([[1, 0, 0]], np.float32), np.array([1], np.uint8), Loss.CROSS_ENTROPY)
    assert found.classes == (ClassFigures(0.0, None, 0.0, 0), ClassFigures(None, 0.0, 0.0, 1), ClassFigures(None, None, None, 0))


def test_squared_error_is_half_the_sum_over_outputs() -> None:
    outputs = np.array([[0.5, 0.5, 0.0], [-1.0, 2.0, 0.0]], np.float32)
    found = evaluate(outputs, np.array([0, 1], np.uint8), Loss.SQUARED_ERROR)
    assert found.loss == pytest.approx((0.25 + 1.0) / 2)
    assert found.accuracy == 1.0, "of equal outputs the lower class is taken"


def test_probabilities_of_squared_error_are_clipped_and_normalised() -> None:
    raw = np.array([[-0.5, 0.25, 1.5], [-1, -2, 0], [0.5, 0.5, 1]], np.float32)
    np.testing.assert_allclose(inference.probabilities(raw, Loss.SQUARED_ERROR), [[0, 0.2, 0.8], [1 / 3] * 3, [0.25, 0.25, 0.5]], rtol=1e-6)


def test_the_softmax_of_large_outputs_is_finite() -> None:
    raw = np.array([[1e4, -1e4, 1e4]], np.float32)
    np.testing.assert_allclose(inference.probabilities(raw, Loss.CROSS_ENTROPY), [[0.5, 0, 0.5]])
    assert inference.sample_losses(raw, np.array([1], np.uint8), Loss.CROSS_ENTROPY)[0] == pytest.approx(2e4 + np.log(2))


def test_the_likeliest_class_comes_first() -> None:
    assert inference.rank(np.array([0.1, 0.4, 0.1, 0.4], np.float32)).tolist() == [1, 3, 0, 2]


def one_neuron(activation: Activation, layer_norm: bool) -> tuple[Network, dict[str, Floats]]:
    """Two hidden neurons that see the first and the second pixel, and two outputs that see one each."""
    tensors = {"layers.0.weight": np.eye(2) * 2, "layers.0.bias": [0.5, -1.5], "layers.1.weight": np.eye(2), "layers.1.bias": [0.25, 0]}
    if layer_norm:
        tensors |= {"layers.0.gain": [3.0, 3.0], "layers.0.shift": [0.5, 0.5]}
    return Network(hidden=(2,), activation=activation, layer_norm=layer_norm), {
        name: np.array(t, np.float32) for name, t in tensors.items()
    }


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (Activation.RELU, (2.5, 0)),
        (Activation.LEAKY_RELU, (2.5, -0.005)),
        (Activation.ELU, (2.5, np.expm1(-0.5))),
        (Activation.GELU, (2.484915, -0.154286)),
        (Activation.SIGMOID, (1 / (1 + np.exp(-2.5)), 1 / (1 + np.exp(0.5)))),
        (Activation.SWISH, (2.5 / (1 + np.exp(-2.5)), -0.5 / (1 + np.exp(0.5)))),
        (Activation.TANH, (np.tanh(2.5), np.tanh(-0.5))),
    ],
)
def test_the_forward_pass_with_each_activation(activation: Activation, expected: tuple[float, float]) -> None:
    values, tensors = one_neuron(activation, layer_norm=False)
    tensors["layers.0.weight"][1, 1] = 2 * 127.5 / 127
    network = build(values, 2, 2)
    images = np.array([[255, 127]] * (inference.ROWS + 1), np.uint8)
    found = inference.outputs(network, from_tensors(network, tensors), images)
    np.testing.assert_allclose(found[[0, -1]], [np.add(expected, (0.25, 0))] * 2, rtol=2e-6)


def test_layer_normalisation_comes_before_the_activation() -> None:
    values, tensors = one_neuron(Activation.RELU, layer_norm=True)
    network = build(values, 2, 2)
    found = inference.outputs(network, from_tensors(network, tensors), np.array([[255, 0]], np.uint8))
    # Sums 2.5 and -1.5: mean 0.5, variance 4; normalised 1 and -1 but for epsilon; times 3 and plus 0.5.
    normalised = 2 / np.sqrt(4 + 1e-5)
    np.testing.assert_allclose(found, [[3 * normalised + 0.5 + 0.25, 0]], rtol=1e-6)


def test_what_a_model_says_does_not_depend_on_the_threads() -> None:
    generator = np.random.default_rng(3)
    network = build(Network(hidden=(130, 37)), 784, 10)
    parameters = initial_parameters(network, Initializer.HE_NORMAL, 1)
    images = generator.integers(0, 256, (2_500, 784)).astype(np.uint8)
    found = set()
    for threads in (1, 2, 3):
        with threadpoolctl.threadpool_limits(threads, user_api="blas"):
            found.add(inference.outputs(network, parameters, images).tobytes())
    assert len(found) == 1
