"""The CPU backend: NumPy over flat buffers, in place."""

from __future__ import annotations

import itertools
import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import threadpoolctl

from dataset import Dataset
from engine import counter_random, inference
from engine.backend import Device, Metrics, TrainingState, unknown_plan
from engine.backends.activations import ACTIVATIONS
from engine.backends.augmentation import Augmenter
from engine.backends.elastic_net import ElasticNetPenalty
from engine.backends.optimizers import Update, update_for
from engine.backends.workspace import Activity, Workspace
from engine.hyperparameters import Hyperparameters, Loss
from engine.network import Floats, Layer, Network
from engine.steps import Step, Steps, unpack

EVALUATION_ROWS = 1000
MANY_THREADS_PAY_ABOVE = 2e8
"""Floating-point operations a step. Below, BLAS threads cost more in waiting for each other than they save."""
PLAN = "numpy"
MOST_THREADS = 1024


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


def _fitting_threads(network: Network, batch_size: int) -> int:
    operations = 6 * network.parameter_count * batch_size
    return min(os.cpu_count() or 1, MOST_THREADS) if operations > MANY_THREADS_PAY_ABOVE else 1


def _recorded_threads(plan: Mapping[str, Any]) -> int:
    """Raises DeviceError for a plan that is not this backend's."""
    threads = plan.get("threads")
    if plan.get("name") != PLAN or not isinstance(threads, int) or not 1 <= threads <= MOST_THREADS:
        raise unknown_plan(plan)
    return threads


def _drawn_alike(step: Step) -> tuple[object, ...]:
    """Steps in which this is equal can be drawn together."""
    return step.samples, step.input_threshold, step.hidden_threshold, step.label_smoothing


def _kept(counters: npt.NDArray[np.uint32], steps: list[Step], layer: int, threshold: int) -> npt.NDArray[np.bool_]:
    """Which elements dropout keeps, in each step: [steps, elements]."""
    keys = np.array([step.dropout_key for step in steps], np.uint32) + np.uint32(layer)
    drawn = counter_random.hashed(counters ^ counter_random.hashed(keys)[:, None])
    return drawn >= np.uint32(threshold)


def _total_loss(outputs: Floats, targets: Floats, loss: Loss) -> float:
    """Summed over the samples, against targets that may be smoothed."""
    if loss is Loss.SQUARED_ERROR:
        return 0.5 * float(np.square(outputs - targets).sum(dtype=np.float64))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    log_totals = np.log(np.exp(shifted).sum(axis=1))
    return float(log_totals.sum(dtype=np.float64)) - float((shifted * targets).sum(dtype=np.float64))


def cpu_device(index: int = 0) -> Device:
    return Device(index, processor_name(), "cpu", "cpu", f"NumPy {np.__version__}")


class CpuBackend:
    """Implements ``engine.backend.Backend``."""

    def __init__(self, device: Device | None = None) -> None:
        self.device = device or cpu_device()
        self.plan: dict[str, Any] = {"name": PLAN}
        self._loss_sum = 0.0
        self._correct = 0
        self._samples = 0

    def load(self, dataset: Dataset) -> None:
        self._train, self._test = dataset.train, dataset.test
        self._height, self._width = dataset.height, dataset.width

    def kernels_to_compile(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> int:
        return 0

    def prepare(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> None:
        threads = _fitting_threads(network, hyperparameters.training.batch_size) if plan is None else _recorded_threads(plan)
        threadpoolctl.threadpool_limits(threads, user_api="blas")
        self.plan = {"name": PLAN, "threads": threads}
        self._network = network
        self._parameters, self._gradient, self._first, self._second, self._scratch = (np.zeros(network.size, np.float32) for _ in range(5))
        self._average = np.zeros(network.size, np.float32) if hyperparameters.training.averaging else None
        self._weights = [layer.weight(self._parameters) for layer in network.layers]
        self._squares = [layer.weight(self._scratch) for layer in network.layers]
        # Weights and, in the row after them, biases: one product serves both.
        self._blocks, self._gradient_blocks = (
            [layer.block(flat)[: layer.bias_row + 1, : layer.outputs] for layer in network.layers]
            for flat in (self._parameters, self._gradient)
        )
        self._ones = np.ones(max(network.sizes), np.float32)
        augmentation = hyperparameters.augmentation
        self._augmenter = Augmenter(augmentation, self._height, self._width) if augmentation.is_on else None
        self._penalty = ElasticNetPenalty(network)
        self._update: Update = update_for(hyperparameters.optimizer, network.size)
        self._workspaces: dict[int, Workspace] = {}
        self._order = np.arange(len(self._train), dtype=np.uint32)

    def plans(self, network: Network, hyperparameters: Hyperparameters) -> list[dict[str, Any]]:
        fitting = _fitting_threads(network, hyperparameters.training.batch_size)
        return [{"name": PLAN, "threads": threads} for threads in dict.fromkeys((fitting, 1, min(os.cpu_count() or 1, MOST_THREADS)))]

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
        for _, run in itertools.groupby(unpack(steps), key=_drawn_alike):
            pending = list(run)
            samples = pending[0].samples
            workspace = self._workspaces.get(samples)
            if workspace is None:
                workspace = self._workspaces[samples] = Workspace(samples, self._network)
            for begin in range(0, len(pending), workspace.steps):
                self._train_chunk(workspace, pending[begin : begin + workspace.steps])

    def _train_chunk(self, workspace: Workspace, steps: list[Step]) -> None:
        chosen = np.concatenate([self._order[step.first : step.first + workspace.rows] for step in steps])
        labels = self._train.labels[chosen]
        self._draw(workspace, steps, chosen)
        self._set_targets(workspace, steps, labels)
        for number, step in enumerate(steps):
            self._train_step(workspace, number, step)
        self._add_up(workspace, len(steps), labels)

    def _draw(self, workspace: Workspace, steps: list[Step], chosen: npt.NDArray[np.uint32]) -> None:
        """The inputs of the next steps, and every random number that they need."""
        pixels = workspace.bytes[: len(chosen)]
        np.take(self._train.images, chosen, axis=0, out=pixels, mode="clip")
        step, inputs = steps[0], workspace.inputs[: len(chosen)]
        kept = _kept(workspace.counters[0], steps, 0, step.input_threshold).reshape(pixels.shape) if step.input_threshold else None
        if self._augmenter:
            batches = pixels.reshape(len(steps), workspace.rows, -1)
            for number, each in enumerate(steps):
                workspace.values[number, :, : inputs.shape[1]] = self._augmenter.distorted(batches[number], each.augmentation_key)
            if kept is not None:
                inputs *= kept
                inputs *= step.input_scale
        else:
            if kept is not None:
                pixels *= kept.view(np.uint8)
            np.multiply(pixels, np.float32(step.input_scale / 255), out=inputs)
        if step.hidden_threshold:
            for index, mask in enumerate(workspace.hidden_masks):
                kept = _kept(workspace.counters[index + 1], steps, index + 1, step.hidden_threshold)
                drawn = mask[: len(steps)]
                np.multiply(kept.reshape(drawn.shape), np.float32(step.hidden_scale), out=drawn)

    def _set_targets(self, workspace: Workspace, steps: list[Step], labels: npt.NDArray[np.uint8]) -> None:
        smoothing, classes = steps[0].label_smoothing, self._network.classes
        targets = workspace.targets.reshape(-1, classes)[: len(labels)]
        targets.fill(smoothing / classes)
        targets[np.arange(len(labels)), labels] += np.float32(1 - smoothing)

    def _train_step(self, workspace: Workspace, number: int, step: Step) -> None:
        self._forward(workspace, number, step)
        self._backward(workspace, number, step)
        self._penalty.add_gradient(self._parameters, self._gradient, self._scratch, step)
        self._update(self._parameters, self._gradient, self._first, self._second, step)
        if step.max_norm:
            self._limit_norms(step.max_norm)
        if self._average is not None:
            self._average *= step.average_decay
            np.multiply(self._parameters, 1 - step.average_decay, out=self._scratch)
            self._average += self._scratch

    def _forward(self, workspace: Workspace, number: int, step: Step) -> None:
        values = workspace.values[number]
        for layer, activity in zip(self._network.layers, workspace.layers, strict=True):
            np.matmul(values, self._blocks[layer.index], out=activity.sums)
            if layer.activation is None:
                return
            if layer.layer_norm:
                self._normalise(layer, activity)
            values = workspace.layers[layer.index + 1].values
            outputs = values[:, : layer.outputs]
            ACTIVATIONS[layer.activation][0](activity.shifted, outputs)
            if step.hidden_threshold:
                outputs *= workspace.hidden_masks[layer.index][number]

    def _normalise(self, layer: Layer, activity: Activity) -> None:
        activity.sums -= activity.sums.mean(axis=1, keepdims=True)
        variance = np.square(activity.sums).mean(axis=1, keepdims=True)
        np.divide(1, np.sqrt(variance + np.float32(inference.LAYER_NORM_EPSILON)), out=activity.inverse_deviation)
        activity.sums *= activity.inverse_deviation
        np.multiply(activity.sums, layer.row(self._parameters, layer.gain_row), out=activity.shifted)
        activity.shifted += layer.row(self._parameters, layer.shift_row)

    def _output_delta(self, workspace: Workspace, number: int) -> None:
        """The loss's derivative by the outputs. The outputs are kept, for the metrics."""
        outputs, delta = workspace.layers[-1].sums, workspace.layers[-1].delta
        workspace.outputs[number] = outputs
        if self._network.loss is Loss.CROSS_ENTROPY:
            np.subtract(outputs, np.maximum.reduce(outputs, axis=1, keepdims=True), out=delta)
            np.exp(delta, out=delta)
            delta /= np.add.reduce(delta, axis=1, keepdims=True)
            delta -= workspace.targets[number]
        else:
            np.subtract(outputs, workspace.targets[number], out=delta)
        delta *= 1 / workspace.rows

    def _backward(self, workspace: Workspace, number: int, step: Step) -> None:
        self._output_delta(workspace, number)
        for layer in reversed(self._network.layers):
            activity = workspace.layers[layer.index]
            if layer.activation is not None:
                if step.hidden_threshold:
                    activity.delta *= workspace.hidden_masks[layer.index][number]
                ACTIVATIONS[layer.activation][1](activity.shifted, activity.slope)
                activity.delta *= activity.slope
                if layer.layer_norm:
                    self._normalise_backward(layer, activity)
            values = activity.values if layer.index else workspace.values[number]
            np.matmul(values.T, activity.delta, out=self._gradient_blocks[layer.index])
            if layer.index:
                np.matmul(activity.delta, self._weights[layer.index].T, out=workspace.layers[layer.index - 1].delta)

    def _normalise_backward(self, layer: Layer, activity: Activity) -> None:
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

    def _limit_norms(self, limit: float) -> None:
        np.square(self._parameters, out=self._scratch)
        for weight, squares in zip(self._weights, self._squares, strict=True):
            norms = self._ones[: len(squares)] @ squares  # much faster than a reduction over the rows
            if np.maximum.reduce(norms) > limit * limit:
                np.sqrt(norms, out=norms)
                np.maximum(norms, limit, out=norms)
                weight *= np.float32(limit) / norms

    def _add_up(self, workspace: Workspace, steps: int, labels: npt.NDArray[np.uint8]) -> None:
        classes = self._network.classes
        outputs = workspace.outputs.reshape(-1, classes)[: len(labels)]
        targets = workspace.targets.reshape(-1, classes)[: len(labels)]
        self._samples += len(labels)
        self._correct += int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        self._loss_sum += _total_loss(outputs, targets, self._network.loss)

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
                outputs = inference.threaded_outputs(self._network, self._evaluated, part.images[rows])
                loss += float(inference.sample_losses(outputs, part.labels[rows], self._network.loss).sum(dtype=np.float64))
                correct += int(np.count_nonzero(outputs.argmax(axis=1) == part.labels[rows]))
        return Metrics(loss, correct, count)

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        return inference.outputs(self._network, self._evaluated, images)

    @property
    def _evaluated(self) -> Floats:
        return self._parameters if self._average is None else self._average

    def close(self) -> None:
        self._workspaces = {}
