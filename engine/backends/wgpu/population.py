"""The population plan: many networks of one shape trained at once, a workgroup each, with the resident plan's kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import wgpu

from engine import counter_random
from engine.backend import PopulationTally
from engine.backends.wgpu.errors import device_errors
from engine.backends.wgpu.kernels import Kernels, kernel
from engine.backends.wgpu.memory import CONSTANTS_BYTES, STEP_RECORDS, Places, constants, create_buffer, lay_out, optimizer_constants
from engine.backends.wgpu.plan import Switches
from engine.backends.wgpu.recording import Work, submit
from engine.backends.wgpu.resident import Resident
from engine.backends.wgpu.samples import Samples
from engine.backends.wgpu.tiles import groups
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network
from engine.steps import MOMENT, STEP, Moments

MOMENTS_BYTES = 32 * 2**20
MOST_STEPS_A_DISPATCH = 2048
MOST_MEMBERS = 4096
EVALUATION_LANES = 64
EVALUATED_SIDE_BY_SIDE = 4
UNLIMITED = 1e38
"""The limit of a member without max-norm among others with it."""
MEMBER = np.dtype(
    [
        *((f"{part}_threshold", np.uint32) for part in ("input", "hidden")),
        *((f"{part}_scale", np.float32) for part in ("input", "hidden")),
        *((name, np.float32) for name in ("weight_l1", "weight_l2", "bias_l1", "bias_l2", "max_norm", "label_smoothing")),
        ("order", np.uint32),
        ("trained", np.uint32),
        ("optimizer", np.float32, 8),
    ]
)
"""``struct Member``."""


def _member(values: Hyperparameters) -> tuple[Any, ...]:
    regularization = values.regularization
    drops = (regularization.dropout.input, regularization.dropout.hidden)
    nets = (regularization.weights, regularization.biases)
    return (
        *map(counter_random.threshold, drops),
        *(1 / (1 - drop) for drop in drops),
        *(penalty for net in nets for penalty in (net.l1, net.l2)),
        regularization.max_norm or UNLIMITED,
        regularization.label_smoothing,
        0,
        1,
        optimizer_constants(values.optimizer),
    )


def _groups(samples: int) -> int:
    """Workgroups that evaluate so many samples of one network."""
    return groups(samples, EVALUATION_LANES * EVALUATED_SIDE_BY_SIDE)


class WgpuPopulation:
    """Implements ``engine.backend.Population``."""

    def __init__(
        self, gpu: Any, kernels: Kernels, samples: Samples, network: Network, members: Sequence[Hyperparameters], lanes: int
    ) -> None:
        self._gpu, self._kernels, self._samples, self._network = gpu, kernels, samples, network
        self._count, self._batch = len(members), members[0].training.batch_size
        self._members = np.array([_member(values) for values in members], MEMBER)
        self.steps_a_dispatch = max(1, min(MOST_STEPS_A_DISPATCH, MOMENTS_BYTES // (MOMENT.itemsize * self._count)))
        resident = Resident(network, members[0], lanes)
        self._training = kernels.pipeline(resident.kernel(Switches.of_any(members), members))
        self._evaluation = kernels.pipeline(
            kernel(
                "population_evaluation",
                cell="vec4f",
                sizes=network.sizes,
                activation=str(members[0].network.activations[0]),
                loss=str(network.loss),
                lanes=EVALUATION_LANES,
                side_by_side=EVALUATED_SIDE_BY_SIDE,
            )
        )
        self._create_buffers(members[0])

    @classmethod
    def most_members(cls, gpu: Any, network: Network) -> int:
        """How many networks' parameters the device can bind."""
        limits = gpu.limits
        return int(min(MOST_MEMBERS, min(limits["max-buffer-size"], limits["max-storage-buffer-binding-size"]) // (4 * network.size)))

    def _create_buffers(self, hyperparameters: Hyperparameters) -> None:
        usage = wgpu.BufferUsage
        storage, uniform = usage.STORAGE | usage.COPY_DST | usage.COPY_SRC, usage.UNIFORM | usage.COPY_DST
        size = 4 * self._network.size * self._count
        self._parameters, self._first, self._second, self._best = (
            self._buffer(what, size, storage) for what in ("parameters", "first moments", "second moments", "best parameters")
        )
        self._schedule = self._buffer("moments", self.steps_a_dispatch * self._count * MOMENT.itemsize, storage)
        self._values = self._buffer("members", self._members.nbytes, storage)
        self._tally = self._buffer("tally", 8 * self._count * _groups(len(self._samples.labels)), storage)
        layers = lay_out(self._network, 0, 0).table
        labels = len(self._samples.labels)
        places = Places(labels, self._samples.words, self._network.size, self._samples.height, self._samples.width, 0)
        self._layers, self._constants = self._buffer("layers", layers.nbytes, uniform), self._buffer("constants", CONSTANTS_BYTES, uniform)
        self._steps = self._buffer("steps", STEP_RECORDS * STEP.itemsize, uniform)
        self._gpu.queue.write_buffer(self._layers, 0, layers)
        self._gpu.queue.write_buffer(self._constants, 0, constants(hyperparameters, places))
        self._orders: Any = None

    def _buffer(self, what: str, size: int, usage: int) -> Any:
        return create_buffer(self._gpu, what, size, usage)

    def set_parameters(self, parameters: Floats) -> None:
        with device_errors("setting the parameters"):
            self._gpu.queue.write_buffer(self._parameters, 0, np.ascontiguousarray(parameters))
            encoder = self._gpu.create_command_encoder()
            encoder.clear_buffer(self._first)
            encoder.clear_buffer(self._second)
            self._gpu.queue.submit([encoder.finish()])

    def set_orders(self, orders: Sequence[npt.NDArray[np.uint32]], of_member: npt.NDArray[np.intp]) -> None:
        labels, count = self._samples.labels, len(orders[0])
        with device_errors("setting the orders"):
            if self._orders is None or self._orders.size < 4 * (len(labels) + len(orders) * count):
                usage = wgpu.BufferUsage
                self._orders = self._buffer("orders", 4 * (len(labels) + len(orders) * count), usage.STORAGE | usage.COPY_DST)
                self._gpu.queue.write_buffer(self._orders, 0, labels)
                buffers = (
                    self._samples.images, self._orders, self._parameters, self._first, self._second, self._schedule, self._values,
                    self._tally, self._steps, self._layers, self._constants,
                )  # fmt: skip
                self._group = self._kernels.bind_group(buffers)
            for number, order in enumerate(orders):
                self._gpu.queue.write_buffer(self._orders, 4 * (len(labels) + number * count), np.ascontiguousarray(order, np.uint32))
        self._members["order"] = of_member * count

    def set_active(self, active: npt.NDArray[np.bool_]) -> None:
        self._members["trained"] = active

    def begin_epoch(self) -> None:
        with device_errors("beginning an epoch"):
            self._gpu.queue.write_buffer(self._values, 0, self._members)
            self._clear_tally()

    def _clear_tally(self) -> None:
        encoder = self._gpu.create_command_encoder()
        encoder.clear_buffer(self._tally)
        self._gpu.queue.submit([encoder.finish()])

    def train(self, moments: Moments, first: int, samples: int) -> None:
        with device_errors("training a population"):
            self._gpu.queue.write_buffer(self._schedule, 0, np.ascontiguousarray(moments))
            self._dispatch(self._training, (self._count, 1, 1), (moments.shape[1], first * self._batch, samples, 0))

    def _dispatch(self, pipeline: Any, grid: tuple[int, int, int], immediates: tuple[int, int, int, int]) -> None:
        work: list[Work] = [(pipeline, 0, grid)]
        submit(self._gpu, self._group, (work, np.array([[immediates]], np.uint32)))

    def tally(self) -> PopulationTally:
        with device_errors("reading results"):
            values = np.frombuffer(self._gpu.queue.read_buffer(self._tally, 0, 8 * self._count), np.float32).reshape(-1, 2)
        return PopulationTally(values[:, 0].astype(np.float64), values[:, 1].astype(np.float64))

    def evaluate(self, first: int, count: int) -> PopulationTally:
        across = _groups(count)
        with device_errors("evaluating a population"):
            self._dispatch(self._evaluation, (across, self._count, 1), (first, count, 0, 0))
            read = self._gpu.queue.read_buffer(self._tally, 0, 8 * self._count * across)
        values = np.frombuffer(read, np.float32).reshape(self._count, across, 2).sum(axis=1, dtype=np.float64)
        return PopulationTally(values[:, 0], values[:, 1])

    def keep(self, better: npt.NDArray[np.bool_]) -> None:
        size = 4 * self._network.size
        with device_errors("keeping parameters"):
            encoder = self._gpu.create_command_encoder()
            for member in np.flatnonzero(better):
                encoder.copy_buffer_to_buffer(self._parameters, int(member) * size, self._best, int(member) * size, size)
            self._gpu.queue.submit([encoder.finish()])

    def best(self, member: int) -> Floats:
        size = 4 * self._network.size
        with device_errors("reading the parameters"):
            return np.frombuffer(self._gpu.queue.read_buffer(self._best, member * size, size), np.float32).copy()

    def close(self) -> None:
        for buffer in (self._parameters, self._first, self._second, self._best, self._schedule, self._tally, self._orders):
            if buffer is not None:
                buffer.destroy()
