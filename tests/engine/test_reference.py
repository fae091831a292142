"""The reference's own proof: gradients by central finite differences, optimisers and masks by hand."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from engine import network, steps
from engine.hyperparameters import configuration
from engine.hyperparameters.choices import Activation, Loss
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.optimization import Optimizer
from tests.engine import reference

INPUTS, CLASSES, SAMPLES = 6, 3, 4
EVERYTHING = {
    "regularization.weights.l1": 0.03,
    "regularization.weights.l2": 0.02,
    "regularization.biases.l1": 0.01,
    "regularization.biases.l2": 0.04,
    "regularization.dropout.input": 0.2,
    "regularization.dropout.hidden": 0.3,
    "regularization.label_smoothing": 0.2,
}
CASES: list[dict[str, Any]] = [
    {"network.activation": activation, "network.loss": loss, "network.layer_norm": layer_norm, **EVERYTHING}
    for activation, loss, layer_norm in itertools.product(Activation, Loss, (False, True))
]
CASES += [{"network.hidden": [5, 4, 3][:depth], "network.layer_norm": norm, **EVERYTHING} for depth in (0, 1, 3) for norm in (False, True)]
CASES += [{"network.loss": loss, "network.activation": "tanh", key: value} for loss in Loss for key, value in EVERYTHING.items()]
CASES += [{"network.activation": ["gelu", "relu"], "network.loss": loss} for loss in Loss]


def name(case: dict[str, Any]) -> str:
    everything = EVERYTHING.items() <= case.items()
    shown = [f"{key.rpartition('.')[2]}={value}" for key, value in case.items() if not (everything and key in EVERYTHING)]
    return " ".join(shown + ["everything"] * everything)


def hyperparameters(case: dict[str, Any]) -> Hyperparameters:
    base = {"network.hidden": [5, 4], "regularization.dropout.hidden": 0.0, "training.batch_size": SAMPLES}
    return configuration.replace(Hyperparameters(), base | case)


def away_from_zero(generator: np.random.Generator, *shape: int) -> reference.Array:
    """Numbers of either sign at least 0.1 from the kink of l1."""
    return np.asarray(generator.uniform(0.1, 1, shape) * generator.choice([-1, 1], shape))


@pytest.mark.parametrize("case", CASES, ids=name)
def test_gradients_are_those_of_the_loss(case: dict[str, Any]) -> None:
    """With a distance of 1e-5 the truncation is near 1e-10 and the rounding near 1e-11, against gradients of 1e-2 and more."""
    distance = 1e-5
    values, generator = hyperparameters(case), np.random.default_rng(9)
    parameters: reference.Parameters = []
    for layer in network.build(values.network, INPUTS, CLASSES).layers:
        parameters.append({"weight": away_from_zero(generator, layer.inputs, layer.outputs)})
        names = ("bias", "gain", "shift") if layer.layer_norm else ("bias",)
        parameters[-1] |= {part: away_from_zero(generator, layer.outputs) for part in names}
    pixels, labels = generator.uniform(0.1, 1, (SAMPLES, INPUTS)), np.array([0, 1, 2, 1], np.uint8)
    step = steps.epoch_steps(values, SAMPLES, 0, np.array([0.1]))[0]

    masks = reference.dropout_masks(parameters, SAMPLES, step)
    hidden = reference.forward(values.network, parameters, pixels, masks).sums[:-1]
    assert all(np.abs(sums).min() > 100 * distance for sums in hidden), "a sum lies at the kink of relu; choose another seed"

    found = reference.gradients(values.network, parameters, pixels, labels, step)
    for tensors, gradient in zip(parameters, found, strict=True):
        assert tensors.keys() == gradient.keys()
        for part, tensor in tensors.items():
            measured = np.empty_like(tensor)
            for element in np.ndindex(tensor.shape):
                kept, sides = tensor[element], []
                for side in (kept + distance, kept - distance):
                    tensor[element] = side
                    sides.append(reference.loss(values.network, parameters, pixels, labels, step))
                tensor[element] = kept
                measured[element] = (sides[0] - sides[1]) / (2 * distance)
            assert np.linalg.norm(gradient[part] - measured) < 1e-6 * np.linalg.norm(measured), part


def test_losses_by_hand() -> None:
    outputs = np.array([[math.log(2), math.log(6), 0.0]])
    assert reference.losses(Loss.CROSS_ENTROPY, outputs, np.array([[0.0, 1.0, 0.0]])) == pytest.approx([-math.log(6 / 9)])
    assert reference.losses(Loss.SQUARED_ERROR, np.array([[1.0, -2.0]]), np.array([[0.5, 1.0]])) == pytest.approx([(0.25 + 9) / 2])
    assert reference.targets(np.array([1], np.uint8), 4, 0.2) == pytest.approx(np.array([[0.05, 0.85, 0.05, 0.05]]))


def test_metrics_by_hand() -> None:
    """Sums over the batch, with label smoothing and without elastic net in training, with neither in evaluation."""
    changes = {"network.hidden": [], "regularization.label_smoothing": 0.2, "regularization.weights.l1": 0.5}
    values = hyperparameters(changes | {"network.loss": "squared_error"})
    layer = {"weight": np.array([[1.0, 0.0], [0.0, 2.0]]), "bias": np.zeros(2)}
    pixels, labels = np.array([[1.0, 0.0], [0.25, 0.25], [0.5, 0.125]]), np.array([0, 1, 1], np.uint8)
    zero = [{part: np.zeros_like(tensor) for part, tensor in layer.items()}]
    step = steps.epoch_steps(values, 3, 0, np.array([0.1]))[0]
    _, trained = reference.train_step(values, reference.State([layer], zero, zero, None), pixels, labels, step)
    assert trained.loss == pytest.approx((0.1**2 + 0.1**2 + 0.15**2 + 0.4**2 + 0.4**2 + 0.65**2) / 2)
    assert (trained.correct, trained.samples) == (2, 3)
    evaluated = reference.evaluate(values.network, [layer], pixels, labels)
    assert evaluated.loss == pytest.approx((0.25**2 + 0.5**2 + 0.5**2 + 0.75**2) / 2)
    assert (evaluated.correct, evaluated.samples) == (2, 3)


@pytest.mark.parametrize(
    ("activation", "at", "value"),
    [
        (Activation.RELU, -2.0, 0.0),
        (Activation.LEAKY_RELU, -2.0, -0.02),
        (Activation.ELU, -2.0, math.exp(-2) - 1),
        (Activation.GELU, -2.0, -0.04540230591222),
        (Activation.SIGMOID, -2.0, 1 / (1 + math.exp(2))),
        (Activation.SWISH, -2.0, -2 / (1 + math.exp(2))),
        (Activation.TANH, -2.0, -0.96402758007582),
        (Activation.RELU, 1.5, 1.5),
        (Activation.LEAKY_RELU, 1.5, 1.5),
        (Activation.ELU, 1.5, 1.5),
    ],
)
def test_activations_by_hand(activation: Activation, at: float, value: float) -> None:
    assert reference.ACTIVATIONS[activation][0](np.array([at])) == pytest.approx([value], rel=1e-9)


def test_layer_norm_by_hand() -> None:
    values = hyperparameters({"network.hidden": [2], "network.activation": "relu", "network.layer_norm": True})
    hidden = {"weight": np.eye(2), "bias": np.zeros(2), "gain": np.array([2.0, 3.0]), "shift": np.array([0.5, -0.5])}
    output = {"weight": np.ones((2, 1)), "bias": np.zeros(1)}
    done = reference.forward(values.network, [hidden, output], np.array([[1.0, 3.0]]))
    unit = 1 / math.sqrt(1 + 1e-5)
    assert done.sums[0] == pytest.approx(np.array([[0.5 - 2 * unit, 3 * unit - 0.5]]), rel=1e-12)
    assert done.outputs == pytest.approx(np.array([[3 * unit - 0.5]]), rel=1e-12)


def _pcg(counter: int) -> int:
    """PCG-RXS-M-XS-32 in Python's integers."""
    state = (counter * 747796405 + 2891336453) % 2**32
    word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737 % 2**32
    return (word >> 22) ^ word


def test_dropout_masks_by_hand() -> None:
    values = hyperparameters({"regularization.dropout.input": 0.25, "regularization.dropout.hidden": 0.5})
    parameters = [{"weight": np.zeros((6, 5))}, {"weight": np.zeros((5, 4))}, {"weight": np.zeros((4, 3))}]
    step = steps.epoch_steps(values, SAMPLES, 7, np.array([0.1]))[0]
    masks = reference.dropout_masks(parameters, SAMPLES, step)
    for layer, (width, probability) in enumerate([(6, 0.25), (5, 0.5), (4, 0.5)]):
        key = _pcg((int(step["dropout_key"]) + layer) % 2**32)
        for sample, unit in np.ndindex(SAMPLES, width):
            dropped = _pcg((sample * width + unit) ^ key) < probability * 2**32
            assert masks[layer][sample, unit] == pytest.approx(0 if dropped else 1 / (1 - probability))


def test_dropout_drops_its_share_anew_in_each_step_and_layer() -> None:
    values = hyperparameters({"regularization.dropout.input": 0.3, "regularization.dropout.hidden": 0.3, "training.batch_size": 100})
    one, two = (
        reference.dropout_masks([{"weight": np.zeros((100, 1))}] * 2, 100, step)
        for step in steps.epoch_steps(values, 200, 0, np.full(2, 0.1))
    )
    for mask in (*one, *two):
        assert (mask == 0).mean() == pytest.approx(0.3, abs=0.02)
    for first, second in itertools.combinations((*one, *two), 2):
        assert ((first == 0) & (second == 0)).mean() == pytest.approx(0.09, abs=0.02)


def run(optimizer: Optimizer, start: float, slopes: list[float], rate: float) -> float:
    """One parameter after a step for each gradient."""
    values = Hyperparameters(optimizer=optimizer)
    records = steps.epoch_steps(values, 64 * len(slopes), 0, np.full(len(slopes), rate))
    records["learning_rate"] = np.float32(rate)
    parameter, first, second = np.array([start]), np.zeros(1), np.zeros(1)
    for step, slope in zip(records, slopes, strict=True):
        parameter, first, second = reference.updated(optimizer, step, parameter, np.array([slope]), first, second)
    return float(parameter[0])


def approximately(value: float) -> Any:
    """The step records hold float32."""
    return pytest.approx(value, rel=1e-6)


def test_sgd() -> None:
    assert run(Optimizer(name="sgd"), 1.0, [0.5, 2.0], 0.25) == approximately(1 - 0.25 * 2.5)
    assert run(Optimizer(name="sgd", weight_decay=0.5), 2.0, [1.0], 0.25) == approximately(2 - 0.25 * (1 + 0.5 * 2))


def test_sgd_with_momentum() -> None:
    momentum, slopes = 0.5, [1.0, -3.0, 2.0]
    velocities = [1.0, -3 + 0.5, 2 + 0.5 * -2.5]
    assert run(Optimizer(name="sgd", momentum=momentum), 1.0, slopes, 0.125) == approximately(1 - 0.125 * sum(velocities))
    ahead = [slope + momentum * velocity for slope, velocity in zip(slopes, velocities, strict=True)]
    assert run(Optimizer(name="sgd", momentum=momentum, nesterov=True), 1.0, slopes, 0.125) == approximately(1 - 0.125 * sum(ahead))


def test_adam_moves_by_the_rate_when_the_gradient_is_constant() -> None:
    """Both corrected moments are then exact: the step is rate * g / (|g| + epsilon)."""
    for slope in (3.0, -0.02):
        moved = run(Optimizer(name="adam", epsilon=0.01), 1.0, [slope] * 5, 0.125) - 1
        assert moved == approximately(-5 * 0.125 * slope / (abs(slope) + 0.01))


def test_adam_by_hand() -> None:
    optimizer = Optimizer(name="adam", beta_1=0.5, beta_2=0.75, epsilon=0.5)
    after_one = 1 - 0.125 * 2 / (2 + 0.5)
    mean, square = (0.5 * 1 + 0.5 * -4) / (1 - 0.5**2), (0.75 * 1 + 0.25 * 16) / (1 - 0.75**2)
    assert run(optimizer, 1.0, [2.0, -4.0], 0.125) == approximately(after_one - 0.125 * mean / (math.sqrt(square) + 0.5))


def test_weight_decay_goes_through_adams_moments_but_not_through_adamws() -> None:
    assert run(Optimizer(name="adam", weight_decay=0.1, epsilon=1e-12), 3.0, [0.0], 0.125) == approximately(3 - 0.125)
    assert run(Optimizer(name="adamw", weight_decay=0.1), 3.0, [0.0] * 4, 0.125) == approximately(3 * (1 - 0.0125) ** 4)
    adamw = run(Optimizer(name="adamw", weight_decay=0.1, epsilon=0.5), 3.0, [2.0], 0.125)
    assert adamw == approximately(3 * (1 - 0.0125) - 0.125 * 2 / 2.5)


def test_max_norm_shortens_long_columns_only() -> None:
    weight = np.array([[3.0, 0.3, -0.6], [4.0, 0.4, 0.8]])
    assert reference.limited(weight, 1.0) == pytest.approx(np.array([[0.6, 0.3, -0.6], [0.8, 0.4, 0.8]]))
    assert (reference.limited(weight, 0.0) == weight).all()


def test_the_average_starts_as_the_parameters_and_follows_them_after_max_norm() -> None:
    values = hyperparameters({"network.hidden": [], "training.averaging": 0.75, "regularization.max_norm": 0.5, "optimizer.name": "sgd"})
    layer = {"weight": np.full((2, 3), 0.9), "bias": np.arange(3.0)}
    zero = {part: np.zeros_like(tensor) for part, tensor in layer.items()}
    state = reference.State([layer], [zero], [zero], [zero])
    pixels, labels = np.array([[0.5, 1.0], [0.2, 0.9]]), np.array([0, 2], np.uint8)
    steps_of_one = steps.epoch_steps(configuration.replace(values, {"training.batch_size": 1}), 2, 0, np.full(2, 0.1))
    one, _ = reference.train(values, state, pixels, labels, np.array([1], np.uint32), steps_of_one[:1])
    two, tally = reference.train_step(values, one, pixels[:1], labels[:1], steps_of_one[1])
    assert one.average is not None and two.average is not None
    assert tally.samples == 1
    assert np.linalg.norm(one.parameters[0]["weight"], axis=0) == pytest.approx(np.full(3, 0.5), rel=1e-9)
    for part in layer:
        assert one.average[0][part] == pytest.approx(one.parameters[0][part])
        assert two.average[0][part] == pytest.approx(0.75 * one.parameters[0][part] + 0.25 * two.parameters[0][part])
