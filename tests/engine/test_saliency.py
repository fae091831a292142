"""The way back through a network, against finite differences in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine import inference
from engine.data.preprocessing import View
from engine.hyperparameters.choices import Activation, Initializer, Loss
from engine.hyperparameters.definitions import Network as NetworkHyperparameters
from engine.insight import backpropagation
from engine.insight.saliency import examine
from engine.network import Network, build, initial_parameters

INPUTS, CLASSES = 12, 4
VIEW = View(3, 4, deskew=False)
STEP = 1e-6
Array = npt.NDArray[Any]


def case(
    activation: Activation, layer_norm: bool, loss: Loss = Loss.CROSS_ENTROPY, hidden: tuple[int, ...] = (7, 5)
) -> tuple[Network, Array]:
    network = build(NetworkHyperparameters(hidden=hidden, activation=activation, layer_norm=layer_norm, loss=loss), INPUTS, CLASSES)
    parameters = initial_parameters(network, Initializer.HE_NORMAL, 1).astype(np.float64)
    generator = np.random.default_rng(2)
    for layer in network.layers:
        layer.block(parameters)[layer.bias_row :, : layer.outputs] += generator.normal(0, 0.2, (layer.rows - layer.bias_row, layer.outputs))
    return network, parameters


def differences(function: Any, point: Array) -> Array:
    """The derivative of a number by each element, by central differences."""
    result = np.empty_like(point)
    for place in np.ndindex(point.shape):
        ahead, behind = point.copy(), point.copy()
        ahead[place] += STEP
        behind[place] -= STEP
        result[place] = (function(ahead) - function(behind)) / (2 * STEP)
    return result


@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("activation", Activation)
def test_the_input_gradient_is_that_of_the_outputs(activation: Activation, layer_norm: bool) -> None:
    network, parameters = case(activation, layer_norm)
    values = np.random.default_rng(3).uniform(0, 1, (2, INPUTS))
    weights = np.random.default_rng(4).normal(size=(2, CLASSES))
    found = backpropagation.input_gradient(backpropagation.forward(network, parameters, values), parameters, weights)
    expected = differences(lambda point: (backpropagation.forward(network, parameters, point)[-1].sums * weights).sum(), values)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("layer_norm", [False, True])
def test_loss_gradients(loss: Loss, layer_norm: bool) -> None:
    network, parameters = case(Activation.GELU, layer_norm, loss)
    values, labels = np.random.default_rng(3).uniform(0, 1, (3, INPUTS)), np.array([0, 3, 1], np.uint8)

    def mean_loss(flat: Array) -> float:
        return float(inference.sample_losses(backpropagation.forward(network, flat, values)[-1].sums, labels, loss).mean())

    expected = differences(mean_loss, parameters)
    found = backpropagation.loss_gradients(backpropagation.forward(network, parameters, values), parameters, labels, loss)
    for layer, gradient in zip(network.layers, found, strict=True):
        np.testing.assert_allclose(gradient.weight, layer.weight(expected), rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(gradient.bias, layer.row(expected, layer.bias_row), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_the_forward_pass_is_that_of_inference(layer_norm: bool) -> None:
    network, parameters = case(Activation.SWISH, layer_norm)
    images = np.random.default_rng(5).integers(0, 256, (6, INPUTS)).astype(np.uint8)
    single = parameters.astype(np.float32)
    found = backpropagation.forward(network, single, images.astype(np.float32) / 255)[-1].sums
    np.testing.assert_allclose(found, inference.outputs(network, single, images), rtol=1e-5, atol=1e-5)


def test_saliency_of_a_linear_network_shares_out_the_lead() -> None:
    network, parameters = case(Activation.RELU, False, hidden=())
    layer = network.layers[0]
    layer.row(parameters, layer.bias_row)[:] = 0
    image = np.random.default_rng(6).integers(0, 256, INPUTS).astype(np.uint8)
    image[:3] = 0
    found = examine(network, [parameters.astype(np.float32)], [VIEW], image)
    assert found.predicted == int(found.outputs.argmax())
    assert found.saliency.sum() == pytest.approx(found.outputs[found.predicted] - found.outputs[found.runner_up], rel=1e-4)
    assert not found.saliency[:3].any()
    assert found.activations == ()


def test_an_examination_shows_the_hidden_layers() -> None:
    network, parameters = case(Activation.RELU, False)
    found = examine(network, [parameters.astype(np.float32)], [VIEW], np.full(INPUTS, 200, np.uint8))
    assert [len(row) for row in found.activations] == [7, 5]
    assert all((row >= 0).all() for row in found.activations)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-6)
