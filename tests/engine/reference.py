"""Training in float64 NumPy, one formula after another, to measure the backends by. Its gradients are proven by finite differences.

A layer is a dictionary: ``weight`` [inputs, outputs], ``bias`` [outputs], with layer normalisation ``gain`` and ``shift`` [outputs].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backend import Tally
from engine.hyperparameters.choices import Activation, Loss, OptimizerName
from engine.hyperparameters.definitions import Hyperparameters, Network
from engine.hyperparameters.optimization import Optimizer
from engine.steps import Steps

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
Parameters = list[dict[str, Array]]

LEAKY_SLOPE = 0.01
NORM_EPSILON = 1e-5
GELU_SCALE, GELU_CUBIC = math.sqrt(2 / math.pi), 0.044715


def sigmoid(z: Array) -> Array:
    return np.asarray((1 + np.tanh(z / 2)) / 2)


def gelu(z: Array) -> Array:
    return np.asarray(z / 2 * (1 + np.tanh(GELU_SCALE * (z + GELU_CUBIC * z**3))))


def gelu_slope(z: Array) -> Array:
    t = np.tanh(GELU_SCALE * (z + GELU_CUBIC * z**3))
    return np.asarray((1 + t) / 2 + z / 2 * (1 - t**2) * GELU_SCALE * (1 + 3 * GELU_CUBIC * z**2))


ACTIVATIONS: dict[Activation, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    Activation.RELU: (lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    Activation.LEAKY_RELU: (lambda z: np.where(z > 0, z, LEAKY_SLOPE * z), lambda z: np.where(z > 0, 1.0, LEAKY_SLOPE)),
    Activation.ELU: (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.exp(np.minimum(z, 0))),
    Activation.GELU: (gelu, gelu_slope),
    Activation.SIGMOID: (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    Activation.SWISH: (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    Activation.TANH: (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
"""Each activation and its slope."""


def layer_key(step_key: int, layer: int) -> int:
    """The key of one layer's draws in a step; layer 0 is the input."""
    return int(counter_random.hashed(np.array([step_key + layer], np.uint32))[0])


def dropout_masks(parameters: Parameters, samples: int, step: np.void) -> list[Array]:
    """What the input of each layer is multiplied by: 0 where dropped, else 1 / (1 - probability). [samples, inputs] each."""
    masks = []
    for index, layer in enumerate(parameters):
        part, width = "hidden" if index else "input", len(layer["weight"])
        elements = np.arange(samples * width, dtype=np.uint32).reshape(samples, width)
        drawn = counter_random.hashed(elements ^ np.uint32(layer_key(int(step["dropout_key"]), index)))
        masks.append(np.where(drawn < step[f"{part}_threshold"], 0.0, float(step[f"{part}_scale"])))
    return masks


@dataclass
class Pass:
    """What a forward pass leaves behind, one entry a layer; ``normalised`` and ``deviations`` only with layer normalisation."""

    inputs: list[Array]
    sums: list[Array]
    normalised: list[Array]
    deviations: list[Array]

    @property
    def outputs(self) -> Array:
        return self.sums[-1]


def forward(network: Network, parameters: Parameters, pixels: Array, masks: list[Array] | None = None) -> Pass:
    """``sums`` are what the activations are applied to, and the raw outputs: [samples, outputs] each."""
    done = Pass([], [], [], [])
    values = pixels
    for index, layer in enumerate(parameters):
        done.inputs.append(values if masks is None else values * masks[index])
        z = done.inputs[-1] @ layer["weight"] + layer["bias"]
        if "gain" in layer:
            done.deviations.append(np.sqrt(z.var(axis=1, keepdims=True) + NORM_EPSILON))
            done.normalised.append((z - z.mean(axis=1, keepdims=True)) / done.deviations[-1])
            z = done.normalised[-1] * layer["gain"] + layer["shift"]
        done.sums.append(z)
        if index < len(network.activations):
            values = ACTIVATIONS[network.activations[index]][0](z)
    return done


def targets(labels: Labels, classes: int, smoothing: float) -> Array:
    return (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes


def log_softmax(outputs: Array) -> Array:
    shifted: Array = outputs - outputs.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def losses(kind: Loss, outputs: Array, target: Array) -> Array:
    """The loss of each sample, without elastic net: [samples]."""
    each = -target * log_softmax(outputs) if kind is Loss.CROSS_ENTROPY else (outputs - target) ** 2 / 2
    return np.asarray(each.sum(axis=1))


def loss(network: Network, parameters: Parameters, pixels: Array, labels: Labels, step: np.void) -> float:
    """What a training step descends: the mean loss of a batch, with dropout, label smoothing and elastic net."""
    outputs = forward(network, parameters, pixels, dropout_masks(parameters, len(labels), step)).outputs
    mean = losses(network.loss, outputs, targets(labels, outputs.shape[1], float(step["label_smoothing"]))).mean()
    penalty = 0.0
    for layer in parameters:
        for name in ("weight", "bias"):
            penalty += float(step[f"{name}_l1"]) * np.abs(layer[name]).sum() + float(step[f"{name}_l2"]) * (layer[name] ** 2).sum()
    return float(mean + penalty)


def gradients(network: Network, parameters: Parameters, pixels: Array, labels: Labels, step: np.void) -> Parameters:
    """The derivative of ``loss`` by each parameter, in the parameters' shapes."""
    masks = dropout_masks(parameters, len(labels), step)
    done = forward(network, parameters, pixels, masks)
    target = targets(labels, done.outputs.shape[1], float(step["label_smoothing"]))
    found = np.exp(log_softmax(done.outputs)) if network.loss is Loss.CROSS_ENTROPY else done.outputs
    delta = (found - target) / len(labels)
    result: Parameters = []
    for index in reversed(range(len(parameters))):
        layer, gradient = parameters[index], {}
        if index < len(network.activations):
            delta = delta * masks[index + 1] * ACTIVATIONS[network.activations[index]][1](done.sums[index])
        if "gain" in layer:
            normalised = done.normalised[index]
            gradient = {"gain": (delta * normalised).sum(axis=0), "shift": delta.sum(axis=0)}
            delta = delta * layer["gain"]
            along = normalised * (delta * normalised).mean(axis=1, keepdims=True)
            delta = (delta - delta.mean(axis=1, keepdims=True) - along) / done.deviations[index]
        gradient |= {"weight": done.inputs[index].T @ delta, "bias": delta.sum(axis=0)}
        for name in ("weight", "bias"):
            gradient[name] += float(step[f"{name}_l1"]) * np.sign(layer[name]) + 2 * float(step[f"{name}_l2"]) * layer[name]
        result.append(gradient)
        delta = delta @ layer["weight"].T
    return result[::-1]


def updated(
    optimizer: Optimizer, step: np.void, parameter: Array, gradient: Array, first: Array, second: Array
) -> tuple[Array, Array, Array]:
    """A parameter and its moments after one step, as PyTorch's SGD, Adam and AdamW define it; SGD's momentum is the first moment."""
    rate, decay = float(step["learning_rate"]), optimizer.weight_decay
    if optimizer.name is OptimizerName.ADAMW:
        parameter = parameter * (1 - rate * decay)
    else:
        gradient = gradient + decay * parameter
    if optimizer.name is OptimizerName.SGD:
        first = optimizer.momentum * first + gradient
        return parameter - rate * (gradient + optimizer.momentum * first if optimizer.nesterov else first), first, second
    first = optimizer.beta_1 * first + (1 - optimizer.beta_1) * gradient
    second = optimizer.beta_2 * second + (1 - optimizer.beta_2) * gradient**2
    mean, square = first * float(step["first_correction"]), second * float(step["second_correction"])
    return parameter - rate * mean / (np.sqrt(square) + optimizer.epsilon), first, second


def limited(weight: Array, max_norm: float) -> Array:
    """``weight`` with no neuron's incoming weights longer than ``max_norm``; 0 is off."""
    norms = np.sqrt((weight**2).sum(axis=0))
    return np.where(norms > max_norm, weight * max_norm / np.maximum(norms, max_norm), weight) if max_norm else weight


@dataclass
class State:
    """The parameters and what goes with each of them; ``average`` is None without averaging."""

    parameters: Parameters
    first: Parameters
    second: Parameters
    average: Parameters | None


def train_step(hyperparameters: Hyperparameters, state: State, pixels: Array, labels: Labels, step: np.void) -> tuple[State, Tally]:
    """The state after one batch, and the batch's tally, as trained: pixels [samples, inputs] from 0 to 1."""
    network, optimizer, decay = hyperparameters.network, hyperparameters.optimizer, float(step["average_decay"])
    outputs = forward(network, state.parameters, pixels, dropout_masks(state.parameters, len(labels), step)).outputs
    tally = _tally(network.loss, outputs, labels, float(step["label_smoothing"]))
    after = State([], [], [], None if state.average is None else [])
    for index, gradient in enumerate(gradients(network, state.parameters, pixels, labels, step)):
        old, first, second = state.parameters[index], state.first[index], state.second[index]
        new = {name: updated(optimizer, step, old[name], gradient[name], first[name], second[name]) for name in old}
        parameters = {name: parameter for name, (parameter, _, _) in new.items()}
        parameters["weight"] = limited(parameters["weight"], float(step["max_norm"]))
        after.parameters.append(parameters)
        after.first.append({name: moment for name, (_, moment, _) in new.items()})
        after.second.append({name: moment for name, (_, _, moment) in new.items()})
        if state.average is not None and after.average is not None:
            after.average.append({name: decay * state.average[index][name] + (1 - decay) * parameters[name] for name in old})
    return after, tally


def train(
    hyperparameters: Hyperparameters, state: State, pixels: Array, labels: Labels, order: npt.NDArray[np.uint32], steps: Steps
) -> tuple[State, Tally]:
    """The state after ``steps``, and their tally summed; ``order`` numbers the samples that ``Step.first`` points into."""
    total = Tally(0.0, 0, 0)
    for step in steps:
        batch = order[int(step["first"]) : int(step["first"]) + int(step["samples"])]
        state, tally = train_step(hyperparameters, state, pixels[batch], labels[batch], step)
        total = Tally(total.loss + tally.loss, total.correct + tally.correct, total.samples + tally.samples)
    return state, total


def evaluate(network: Network, parameters: Parameters, pixels: Array, labels: Labels) -> Tally:
    """Loss and hits without dropout and label smoothing."""
    return _tally(network.loss, forward(network, parameters, pixels).outputs, labels, 0.0)


def _tally(kind: Loss, outputs: Array, labels: Labels, smoothing: float) -> Tally:
    total = losses(kind, outputs, targets(labels, outputs.shape[1], smoothing)).sum()
    return Tally(float(total), int((outputs.argmax(axis=1) == labels).sum()), len(labels))
