"""The CPU backend: NumPy over flat buffers, in place."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import threadpoolctl

from dataset import Dataset
from engine import counter_random, inference
from engine.backend import Device, Metrics, TrainingState
from engine.backends.activations import ACTIVATIONS
from engine.backends.optimizers import Update, update_for
from engine.hyperparameters import Hyperparameters, Loss
from engine.network import Floats, Layer, Network
from engine.steps import Steps

EVALUATION_ROWS = 1000
MANY_THREADS_PAY_ABOVE = 2e8
"""Floating-point operations a step. Below, BLAS threads cost more in waiting for each other than they save."""


def processor_name() -> str:
    """The processor's marketing name where the system tells it, else its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as information:  # noqa: PTH123
            for line in information:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


def cpu_device(index: int = 0) -> Device:
    return Device(index, processor_name(), "cpu", "cpu", f"NumPy {np.__version__}")


@dataclass
class _Activity:
    """One layer's numbers of one batch: [rows, outputs] each."""

    sums: Floats
    """Weighted sums; with layer normalisation, normalised to mean 0 and variance 1."""
    shifted: Floats
    """What the activation is applied to; ``sums`` itself without layer normalisation."""
    outputs: Floats
    delta: Floats
    """The loss's derivative by the weighted sums."""
    slope: Floats
    mask: Floats
    elements: npt.NDArray[np.uint32]
    """Counters of the dropout draws."""
    inverse_deviation: Floats
    """[rows, 1], layer normalisation."""


def _activity(rows: int, layer: Layer) -> _Activity:
    shape = (rows, layer.outputs)

    def empty() -> Floats:
        return np.empty(shape, np.float32)

    sums = empty()
    return _Activity(
        sums=sums,
        shifted=empty() if layer.layer_norm else sums,
        outputs=sums if layer.activation is None else empty(),
        delta=empty(),
        slope=empty(),
        mask=empty(),
        elements=np.arange(rows * layer.outputs, dtype=np.uint32).reshape(shape),
        inverse_deviation=np.empty((rows, 1), np.float32),
    )


@dataclass
class _Workspace:
    """The buffers of one batch size."""

    bytes: npt.NDArray[np.uint8]
    inputs: Floats
    input_mask: Floats
    input_elements: npt.NDArray[np.uint32]
    targets: Floats
    layers: list[_Activity]


def _workspace(rows: int, network: Network) -> _Workspace:
    shape = (rows, network.inputs)
    return _Workspace(
        bytes=np.empty(shape, np.uint8),
        inputs=np.empty(shape, np.float32),
        input_mask=np.empty(shape, np.float32),
        input_elements=np.arange(rows * network.inputs, dtype=np.uint32).reshape(shape),
        targets=np.empty((rows, network.classes), np.float32),
        layers=[_activity(rows, layer) for layer in network.layers],
    )


def _drop(values: Floats, mask: Floats, elements: npt.NDArray[np.uint32], key: int, threshold: np.uint32, scale: np.float32) -> None:
    drawn = counter_random.hashed(elements ^ np.uint32(key))
    np.greater_equal(drawn, threshold, out=mask)
    mask *= scale
    values *= mask


class CpuBackend:
    """Implements ``engine.backend.Backend``."""

    def __init__(self, device: Device | None = None) -> None:
        self.device = device or cpu_device()
        self.plan: dict[str, Any] = {"name": "numpy"}
        self._loss_sum = 0.0
        self._correct = 0
        self._samples = 0

    def load(self, dataset: Dataset) -> None:
        self._train, self._test = dataset.train, dataset.test

    def kernels_to_compile(self, network: Network, hyperparameters: Hyperparameters) -> int:
        return 0

    def prepare(self, network: Network, hyperparameters: Hyperparameters) -> None:
        self._network = network
        self._parameters, self._gradient, self._first, self._second = (np.zeros(network.size, np.float32) for _ in range(4))
        self._average = np.zeros(network.size, np.float32) if hyperparameters.training.averaging else None
        self._scratch = np.empty(network.size, np.float32)
        self._weights = [layer.weight(self._parameters) for layer in network.layers]
        self._weight_gradients = [layer.weight(self._gradient) for layer in network.layers]
        self._biases = [layer.row(self._parameters, layer.bias_row) for layer in network.layers]
        self._bias_gradients = [layer.row(self._gradient, layer.bias_row) for layer in network.layers]
        self._update: Update = update_for(hyperparameters.optimizer, network.size)
        self._workspaces: dict[int, _Workspace] = {}
        self._order = np.arange(len(self._train), dtype=np.uint32)
        self._set_threads(network, hyperparameters.training.batch_size)

    def _set_threads(self, network: Network, batch_size: int) -> None:
        operations = 6 * network.parameter_count * batch_size
        threads = (os.cpu_count() or 1) if operations > MANY_THREADS_PAY_ABOVE else 1
        threadpoolctl.threadpool_limits(threads, user_api="blas")
        self.plan = {"name": "numpy", "threads": threads}

    def set_state(self, state: TrainingState) -> None:
        self._parameters[:] = state.parameters
        self._first[:] = state.first_moment
        self._second[:] = state.second_moment
        if self._average is not None:
            self._average[:] = state.parameters if state.average is None else state.average

    def state(self) -> TrainingState:
        average = None if self._average is None else self._average.copy()
        return TrainingState(self._parameters.copy(), self._first.copy(), self._second.copy(), average)

    def set_order(self, order: npt.NDArray[np.uint32]) -> None:
        self._order = order

    def train(self, steps: Steps) -> None:
        for step in steps:
            self._train_step(step)

    def _train_step(self, step: Any) -> None:
        samples = int(step["samples"])
        workspace = self._workspaces.get(samples)
        if workspace is None:
            workspace = self._workspaces[samples] = _workspace(samples, self._network)
        first = int(step["first"])
        chosen = self._order[first : first + samples]
        labels = self._train.labels[chosen]
        self._forward(workspace, step, chosen)
        self._loss(workspace, labels, step)
        self._backward(workspace, step)
        self._elastic_net(step)
        self._update(self._parameters, self._gradient, self._first, self._second, step)
        if step["max_norm"]:
            self._limit_norms(step["max_norm"])
        if self._average is not None:
            decay = step["average_decay"]
            self._average *= decay
            np.multiply(self._parameters, 1 - decay, out=self._scratch)
            self._average += self._scratch

    def _forward(self, workspace: _Workspace, step: Any, chosen: npt.NDArray[np.uint32]) -> None:
        np.take(self._train.images, chosen, axis=0, out=workspace.bytes, mode="clip")
        values = np.divide(workspace.bytes, np.float32(255), out=workspace.inputs)
        if step["input_threshold"]:
            key = counter_random.layer_key(int(step["dropout_key"]), 0)
            _drop(values, workspace.input_mask, workspace.input_elements, key, step["input_threshold"], step["input_scale"])
        for layer, activity in zip(self._network.layers, workspace.layers, strict=True):
            np.matmul(values, self._weights[layer.index], out=activity.sums)
            activity.sums += self._biases[layer.index]
            if layer.activation is None:
                return
            if layer.layer_norm:
                self._normalise(layer, activity)
            ACTIVATIONS[layer.activation][0](activity.shifted, activity.outputs)
            if step["hidden_threshold"]:
                key = counter_random.layer_key(int(step["dropout_key"]), layer.index + 1)
                _drop(activity.outputs, activity.mask, activity.elements, key, step["hidden_threshold"], step["hidden_scale"])
            values = activity.outputs

    def _normalise(self, layer: Layer, activity: _Activity) -> None:
        activity.sums -= activity.sums.mean(axis=1, keepdims=True)
        variance = np.square(activity.sums).mean(axis=1, keepdims=True)
        np.divide(1, np.sqrt(variance + np.float32(inference.LAYER_NORM_EPSILON)), out=activity.inverse_deviation)
        activity.sums *= activity.inverse_deviation
        np.multiply(activity.sums, layer.row(self._parameters, layer.gain_row), out=activity.shifted)
        activity.shifted += layer.row(self._parameters, layer.shift_row)

    def _loss(self, workspace: _Workspace, labels: npt.NDArray[np.uint8], step: Any) -> None:
        """Adds up the metrics and leaves the loss's derivative by the outputs in the last layer's delta."""
        rows, classes = workspace.targets.shape
        smoothing = float(step["label_smoothing"])
        outputs, delta, targets = workspace.layers[-1].outputs, workspace.layers[-1].delta, workspace.targets
        targets.fill(smoothing / classes)
        targets[np.arange(rows), labels] += np.float32(1 - smoothing)
        self._correct += int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        self._samples += rows
        if self._network.loss is Loss.CROSS_ENTROPY:
            outputs -= outputs.max(axis=1, keepdims=True)
            np.exp(outputs, out=delta)
            total = delta.sum(axis=1, keepdims=True)
            delta /= total
            self._loss_sum += float(np.log(total).sum(dtype=np.float64)) - float(np.vdot(targets, outputs))
            delta -= targets
        else:
            np.subtract(outputs, targets, out=delta)
            self._loss_sum += 0.5 * float(np.vdot(delta, delta))
        delta /= rows

    def _backward(self, workspace: _Workspace, step: Any) -> None:
        for layer in reversed(self._network.layers):
            activity = workspace.layers[layer.index]
            if layer.activation is not None:
                if step["hidden_threshold"]:
                    activity.delta *= activity.mask
                ACTIVATIONS[layer.activation][1](activity.shifted, activity.slope)
                activity.delta *= activity.slope
                if layer.layer_norm:
                    self._normalise_backward(layer, activity)
            values = workspace.layers[layer.index - 1].outputs if layer.index else workspace.inputs
            np.matmul(values.T, activity.delta, out=self._weight_gradients[layer.index])
            np.add.reduce(activity.delta, axis=0, out=self._bias_gradients[layer.index])
            if layer.index:
                np.matmul(activity.delta, self._weights[layer.index].T, out=workspace.layers[layer.index - 1].delta)

    def _normalise_backward(self, layer: Layer, activity: _Activity) -> None:
        """Turns the derivative by the shifted sums into that by the weighted sums (Ba et al., 2016)."""
        delta, normalised = activity.delta, activity.sums
        layer.row(self._gradient, layer.gain_row)[:] = (delta * normalised).sum(axis=0)
        layer.row(self._gradient, layer.shift_row)[:] = delta.sum(axis=0)
        delta *= layer.row(self._parameters, layer.gain_row)
        mean = delta.mean(axis=1, keepdims=True)
        projection = (delta * normalised).mean(axis=1, keepdims=True)
        delta -= mean
        delta -= normalised * projection
        delta *= activity.inverse_deviation

    def _elastic_net(self, step: Any) -> None:
        for layer in self._network.layers:
            parameters, gradient = layer.block(self._parameters), layer.block(self._gradient)
            for part, rows in (("weight", slice(0, layer.bias_row)), ("bias", slice(layer.bias_row, layer.bias_row + 1))):
                l1, l2 = step[f"{part}_l1"], step[f"{part}_l2"]
                scratch = layer.block(self._scratch)[rows]
                if l2:
                    np.multiply(parameters[rows], 2 * l2, out=scratch)
                    gradient[rows] += scratch
                if l1:
                    np.sign(parameters[rows], out=scratch)
                    scratch *= l1
                    gradient[rows] += scratch

    def _limit_norms(self, limit: np.float32) -> None:
        for weight in self._weights:
            squared = np.einsum("ij,ij->j", weight, weight)
            if squared.max() > limit * limit:
                weight *= np.minimum(1, limit / np.sqrt(np.maximum(squared, np.float32(1e-30))))

    def reset_metrics(self) -> None:
        self._loss_sum, self._correct, self._samples = 0.0, 0, 0

    def metrics(self) -> Metrics:
        return Metrics(self._loss_sum, self._correct, self._samples)

    def evaluate(self, first: int, count: int) -> Metrics:
        loss, correct = 0.0, 0
        for part, offset in ((self._train, 0), (self._test, len(self._train))):
            start, end = max(first - offset, 0), min(first + count - offset, len(part))
            for begin in range(start, end, EVALUATION_ROWS):
                rows = slice(begin, min(begin + EVALUATION_ROWS, end))
                outputs = self.outputs(part.images[rows])
                loss += float(inference.sample_losses(outputs, part.labels[rows], self._network.loss).sum(dtype=np.float64))
                correct += int(np.count_nonzero(outputs.argmax(axis=1) == part.labels[rows]))
        return Metrics(loss, correct, count)

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        evaluated = self._parameters if self._average is None else self._average
        return inference.outputs(self._network, evaluated, images)

    def close(self) -> None:
        self._workspaces = {}
