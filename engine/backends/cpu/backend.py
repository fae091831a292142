"""The CPU backend: NumPy over flat buffers, in place, in as many threads as pay."""

from __future__ import annotations

import itertools
import platform
from collections.abc import Mapping, Sequence
from operator import methodcaller
from typing import Any

import numpy as np
import numpy.typing as npt

from dataset import Dataset, Split
from engine import inference
from engine.backend import NOTHING, Device, DeviceError, Population, Tally, TrainingState, unknown_plan
from engine.backends.cpu.augmentation import Augmenter
from engine.backends.cpu.batch_share import BatchShare, steps_at_once
from engine.backends.cpu.threads import Threads
from engine.backends.cpu.update import ParameterUpdate
from engine.backends.plan_names import NUMPY
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network
from engine.process import training_processors
from engine.steps import Step, Steps, unpack

OPERATIONS_A_THREAD = 1e8
"""Floating-point operations a step that a thread must have to do, about a millisecond of them, to be worth waiting for."""
ROWS_A_THREAD = 8
"""Samples of a batch that a thread must have, at the least."""
MOST_GRADIENT_FLOATS = 1 << 28
"""The most floats that the gradients of all threads may take together: each thread has one of its own."""
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
    worthwhile = int(6 * network.parameter_count * batch_size / OPERATIONS_A_THREAD)
    return max(1, min(worthwhile, batch_size // ROWS_A_THREAD, MOST_GRADIENT_FLOATS // network.size, training_processors(), MOST_THREADS))


def _recorded_threads(plan: Mapping[str, Any]) -> int:
    """Raises DeviceError for a plan that is not this backend's."""
    threads = plan.get("threads")
    if plan.get("name") != NUMPY or not isinstance(threads, int) or not 1 <= threads <= MOST_THREADS:
        raise unknown_plan(plan)
    return threads


ALIKE = ("samples", "input_threshold", "hidden_threshold", "label_smoothing", "weight_l1", "weight_l2", "bias_l1", "bias_l2")
"""What steps must have in common to be prepared together."""


def _runs(steps: Steps) -> list[Steps]:
    """The steps, cut where one is unlike the one before."""
    unlike = np.any([steps[name][1:] != steps[name][:-1] for name in ALIKE], axis=0)
    return np.split(steps, np.flatnonzero(unlike) + 1)


def cpu_device(index: int = 0) -> Device:
    return Device(index, processor_name(), "cpu", "cpu", f"NumPy {np.__version__}")


class CpuBackend:
    """Implements ``engine.backend.Backend``."""

    def __init__(self, device: Device | None = None) -> None:
        self.device = device or cpu_device()
        self.plan: dict[str, Any] = {"name": NUMPY}
        self._threads = Threads(1)
        self._tally = NOTHING

    def load(self, dataset: Dataset) -> None:
        self._train, self._test = dataset.train, dataset.test
        self._height, self._width = dataset.height, dataset.width

    def kernels_to_compile(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> int:
        return 0

    def prepare(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> None:
        threads = _fitting_threads(network, hyperparameters.training.batch_size) if plan is None else _recorded_threads(plan)
        self.plan = {"name": NUMPY, "threads": threads}
        self._threads.close()
        self._threads = Threads(threads)
        self._network = network
        parameters, first, second = (np.zeros(network.size, np.float32) for _ in range(3))
        average = np.zeros(network.size, np.float32) if hyperparameters.training.averaging else None
        self._state = TrainingState(parameters, first, second, average)
        self._gradients = [np.zeros(network.size, np.float32) for _ in range(threads)]
        self._update = ParameterUpdate(network, hyperparameters, self._state, self._gradients, self._threads)
        self._augmentation = hyperparameters.augmentation
        self._shares: dict[int, list[BatchShare]] = {}
        self._order = np.arange(len(self._train), dtype=np.uint32)

    def plans(self, network: Network, hyperparameters: Hyperparameters) -> list[dict[str, Any]]:
        fitting = _fitting_threads(network, hyperparameters.training.batch_size)
        return [{"name": NUMPY, "threads": threads} for threads in dict.fromkeys((fitting, 1, training_processors()))]

    def set_state(self, state: TrainingState) -> None:
        mine = self._state
        mine.parameters[:], mine.first_moment[:], mine.second_moment[:] = state.parameters, state.first_moment, state.second_moment
        if mine.average is not None:
            mine.average[:] = state.parameters if state.average is None else state.average

    def state(self) -> TrainingState:
        mine = self._state
        average = None if mine.average is None else mine.average.copy()
        return TrainingState(mine.parameters.copy(), mine.first_moment.copy(), mine.second_moment.copy(), average)

    def set_order(self, order: npt.NDArray[np.uint32]) -> None:
        self._order = order

    def train(self, steps: Steps) -> None:
        for run in _runs(steps):
            alike = unpack(run)
            samples = alike[0].samples
            self._update.set_elastic_net(alike[0])
            if samples not in self._shares:
                self._shares[samples] = self._shares_for(samples)
            at_once = steps_at_once(samples, self._network)
            for begin in range(0, len(alike), at_once):
                self._train_chunk(self._shares[samples], alike[begin : begin + at_once])

    def _shares_for(self, samples: int) -> list[BatchShare]:
        """The threads' parts of a batch; fewer than there are threads where it has fewer samples."""
        ends = [samples * index // self._threads.size for index in range(self._threads.size + 1)]
        parts = [range(first, end) for first, end in itertools.pairwise(ends) if end > first]
        return [
            BatchShare(part, samples, self._network, self._state.parameters, gradient, self._train.images, self._augmenter())
            for part, gradient in zip(parts, self._gradients, strict=False)
        ]

    def _augmenter(self) -> Augmenter | None:
        return Augmenter(self._augmentation, self._height, self._width) if self._augmentation.is_on else None

    def _train_chunk(self, shares: list[BatchShare], steps: list[Step]) -> None:
        samples = steps[0].samples
        chosen = np.stack([self._order[step.first : step.first + samples] for step in steps])
        labels = self._train.labels[chosen]
        self._threads.share(methodcaller("begin", steps, chosen, labels), shares)
        for number, step in enumerate(steps):
            self._threads.share(methodcaller("pass_through", number, step), shares)
            self._update.apply(step, len(shares))
        self._tally = sum((share.tally() for share in shares), self._tally)

    def reset_tally(self) -> None:
        self._tally = NOTHING

    def tally(self) -> Tally:
        return self._tally

    def evaluate(self, first: int, count: int) -> Tally:
        result = NOTHING
        for part, offset in ((self._train, 0), (self._test, len(self._train))):
            start, end = max(first - offset, 0), min(first + count - offset, len(part))
            if start < end:
                result += self._evaluate(Split(part.images[start:end], part.labels[start:end]))
        return result

    def _evaluate(self, part: Split) -> Tally:
        outputs = self.outputs(part.images)
        losses = inference.sample_losses(outputs, part.labels, self._network.loss)
        correct = int(np.count_nonzero(outputs.argmax(axis=1) == part.labels))
        return Tally(float(losses.sum(dtype=np.float64)), correct, len(part))

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        def outputs_of(part: npt.NDArray[np.uint8]) -> Floats:
            return inference.unlimited_outputs(self._network, self._state.evaluated, part)

        blocks = -(-len(images) // inference.ROWS)
        ends = [blocks * index // self._threads.size * inference.ROWS for index in range(self._threads.size + 1)]
        return np.concatenate(self._threads.share(outputs_of, [images[start:end] for start, end in itertools.pairwise(ends)]))

    def most_members(self, network: Network, hyperparameters: Hyperparameters) -> int:
        return 0

    def population(self, network: Network, members: Sequence[Hyperparameters]) -> Population:
        raise DeviceError("The CPU trains one network at a time.", "Train a population on a GPU: --device gpu.")

    def close(self) -> None:
        self._threads.close()
        self._shares = {}
