"""The resident plan: which networks it can train, its kernel, and its training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import wgpu

from engine.backends.wgpu.kernels import Kernel, Kernels, kernel
from engine.backends.wgpu.plan import Switches
from engine.backends.wgpu.recording import Work, submit
from engine.backends.wgpu.tiles import Workgroup
from engine.hyperparameters.choices import OptimizerName
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Network, padded
from engine.steps import STEP, Steps

HARDWARE_LANES = 32
"""Invocations of a subgroup for which the kernel is made on a graphics processor; where it turns out otherwise, the plan is layered."""
MOST_SAMPLES = 8
MOST_PIXELS_A_LANE = 32
"""A pixel costs a lane three registers: its weight and the weight's moments."""
STEPS_A_DISPATCH = 2048


class Resident:
    """The resident kernel for one network: whether it can train it, and its constants. ``shaders/resident.wgsl`` says how it works."""

    def __init__(self, network: Network, hyperparameters: Hyperparameters, lanes: int) -> None:
        self._network = network
        self._hyperparameters = hyperparameters
        self.lanes = lanes
        self.switches = Switches.of(hyperparameters)

    @property
    def _small(self) -> int:
        """Parameters in workgroup memory: all but the first layer's weights."""
        sizes = self._network.sizes
        return sizes[1] + sum((sizes[layer] + 1) * sizes[layer + 1] for layer in range(1, len(sizes) - 1))

    @property
    def _pixels_a_lane(self) -> int:
        return -(-self._network.inputs // self.lanes)

    @property
    def _width(self) -> int:
        """Lanes that one sample takes after the first layer: a power of two."""
        return 1 << (max(self._network.sizes[1:]) - 1).bit_length()

    @property
    def _memory(self) -> int:
        batch = self._hyperparameters.training.batch_size
        return 4 * 2 * (batch * self._pixels_a_lane * self.lanes + batch * self._network.sizes[1] + self._small)

    def fits(self, workgroup: Workgroup) -> bool:
        """Whether one workgroup of the device can hold the network's whole training state, and the kernel knows all that it needs."""
        sizes, values = self._network.sizes, self._hyperparameters
        return (
            len(sizes) > 2
            and self._width <= self.lanes
            and len(set(values.network.activations)) == 1
            and not values.network.layer_norm
            and not values.training.averaging
            and not values.augmentation.is_on
            and values.training.batch_size <= MOST_SAMPLES
            and self._pixels_a_lane <= MOST_PIXELS_A_LANE
            and sizes[1] * self.lanes <= workgroup.invocations
            and self._memory <= workgroup.memory
        )

    def kernel(self, switches: Switches, members: Sequence[Hyperparameters] = ()) -> Kernel:
        """The kernel for this network, or, with ``members``, for a population of it that has these hyperparameters."""
        values = self._hyperparameters
        width = self._width
        optimizers = [each.optimizer for each in members or [values]]
        sgd = values.optimizer.name is OptimizerName.SGD
        return kernel(
            "resident",
            resident=True,
            population=bool(members),
            cell="f32",
            sizes=self._network.sizes,
            inputs=self._network.inputs,
            words=padded(self._network.inputs) // 4,
            small=self._small,
            batch=values.training.batch_size,
            lanes=self.lanes,
            width=width,
            halvings=tuple(1 << bit for bit in reversed(range(width.bit_length() - 1))),
            activation=str(values.network.activations[0]),
            loss=str(self._network.loss),
            optimizer=str(values.optimizer.name),
            weight_decay=any(optimizer.weight_decay > 0 for optimizer in optimizers),
            momentum=sgd and any(optimizer.momentum > 0 for optimizer in optimizers),
            nesterov=values.optimizer.nesterov,
            input_dropout=switches.input_dropout,
            hidden_dropout=switches.hidden_dropout,
            elastic_net=switches.elastic_net,
            max_norm=switches.max_norm,
        )


class ResidentTraining:
    """Trains with the resident kernel: one dispatch, thousands of steps."""

    def __init__(self, gpu: Any, kernels: Kernels, resident: Resident, bind_group: Callable[[Any], Any]) -> None:
        """``bind_group`` binds the network's buffers with the schedule in the place of the average."""
        self._gpu = gpu
        self._kernels = kernels
        self._resident = resident
        usage = wgpu.BufferUsage
        self._schedule = gpu.create_buffer(size=STEPS_A_DISPATCH * STEP.itemsize, usage=usage.STORAGE | usage.COPY_DST)
        self._group = bind_group(self._schedule)

    @property
    def lanes(self) -> int:
        return self._resident.lanes

    def train(self, switches: Switches, steps: Steps) -> None:
        for begin in range(0, len(steps), STEPS_A_DISPATCH):
            part = steps[begin : begin + STEPS_A_DISPATCH]
            self._dispatch(switches, part, len(part))

    def warm_up(self) -> None:
        """Runs no step; leaves the width of the device's subgroups in the third of the tally."""
        self._dispatch(self._resident.switches, np.zeros(1, STEP), 0)

    def _dispatch(self, switches: Switches, steps: Steps, count: int) -> None:
        self._gpu.queue.write_buffer(self._schedule, 0, np.ascontiguousarray(steps))
        work: list[Work] = [(self._kernels.pipeline(self._resident.kernel(switches)), 0, (1, 1, 1))]
        submit(self._gpu, self._group, (work, np.array([[[count, 0, 0, 0]]], np.uint32)))  # struct Immediates, and a word of padding
