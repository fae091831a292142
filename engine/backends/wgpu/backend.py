"""The wgpu backend: every training step runs in compute shaders; nothing of a step comes back to Python."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import wgpu

from dataset import Dataset
from engine.backend import Device, DeviceError, Tally, TrainingState, unknown_plan
from engine.backends.plan_names import LAYERED, RESIDENT
from engine.backends.wgpu import adapters, ahead, instances
from engine.backends.wgpu.budget import steps_in_budget
from engine.backends.wgpu.errors import device_errors
from engine.backends.wgpu.kernels import Kernel, Kernels
from engine.backends.wgpu.memory import (
    CONSTANTS_BYTES,
    STEP_RECORDS,
    STEPS_A_SUBMIT,
    Activity,
    Places,
    constants,
    create_buffer,
    elastic_field_size,
    lay_out,
)
from engine.backends.wgpu.plan import Dispatch, Plan, Switches
from engine.backends.wgpu.population import WgpuPopulation
from engine.backends.wgpu.recording import Work, immediates, recorded, submit
from engine.backends.wgpu.resident import HARDWARE_LANES, Resident, ResidentTraining
from engine.backends.wgpu.samples import Samples
from engine.backends.wgpu.threads import threads_for
from engine.backends.wgpu.tiles import TALLEST_BLOCK, Workgroup, recorded_tiles, tiles_for
from engine.backends.wgpu.tuning import Tuner, default_path, is_wanted
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network, padded
from engine.steps import STEP, Steps

EVALUATION_ROWS = 1024
DISPATCHES_A_SUBMIT = 1024
FIRST_STEPS_A_SUBMIT = 8
"""What the device begins with, while more is recorded: half as much again each time, which is recorded sooner than it is done."""

MEASURED = "its tiles were the fastest when they were measured on this device"
USUAL = "the usual tiles for such a device, not measured"
ONE_WORKGROUP = "the network fits one workgroup"
RECORDED = "as the run began"


class WgpuBackend:
    """Implements ``engine.backend.Backend``."""

    def __init__(self, adapter: Any, device: Device) -> None:
        self.device = device
        self.plan: dict[str, Any] = {"name": LAYERED}
        self._dataset: Dataset | None = None
        self._open(adapter, instances.ALONE)

    def _open(self, adapter: Any, threads: int) -> None:
        device = self.device
        self._gpu, self._threads = ahead.take(device.index) or adapters.open_device(adapter), threads
        self._kernels = Kernels(self._gpu, trusted=device.kind != "software")
        limits = self._gpu.limits
        invocations = min(limits["max-compute-invocations-per-workgroup"], limits["max-compute-workgroup-size-x"])
        subgroup = adapters.subgroup_size(self._gpu) if device.kind == "software" else 0
        self._workgroup = Workgroup(invocations, limits["max-compute-workgroup-storage-size"], subgroup)
        self._tuner = Tuner(device, self._workgroup, default_path()) if is_wanted(device) else None

    def _take_threads(self, network: Network, hyperparameters: Hyperparameters) -> None:
        """Opens a software adapter again where the work suits another number of its driver's threads."""
        threads = threads_for(network, hyperparameters.training.batch_size)
        if self.device.kind != "software" or threads == self._threads:
            return
        found = [adapter for adapter in instances.adapters(threads) if adapter.info["device"] == self.device.name]
        if found:
            before = self._gpu
            self._open(found[0], threads)
            before.destroy()
            loaded, self._dataset = self._dataset, None
            if loaded is not None:
                self.load(loaded)

    # Data

    def load(self, dataset: Dataset) -> None:
        if dataset is not self._dataset:
            self._dataset = None  # not the one before either, where this fails
            with device_errors("loading the data set"):
                self._samples = Samples(self._gpu, dataset, EVALUATION_ROWS)
            self._dataset = dataset

    def _buffer(self, what: str, size: int, usage: int) -> Any:
        return create_buffer(self._gpu, what, size, usage)

    # The network

    def kernels_to_compile(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> int:
        self._take_threads(network, hyperparameters)
        layered = self._plan(network, hyperparameters, plan)
        return self._kernels.missing(self._wanted(layered, self._resident_plan(network, hyperparameters, plan)))

    def _wanted(self, layered: Plan, resident: Resident | None) -> set[Kernel]:
        evaluation = {dispatch.kernel for dispatch in layered.evaluation(EVALUATION_ROWS)}
        if resident:
            return evaluation | {resident.kernel(resident.switches)}
        return evaluation | {dispatch.kernel for dispatch in layered.opening() + layered.step()}

    def _resident_plan(self, network: Network, hyperparameters: Hyperparameters, recorded: Mapping[str, Any] | None) -> Resident | None:
        """The resident plan, where it was recorded, or where nothing was and the device and the network suit it."""
        if recorded is not None:
            lanes = int(recorded["lanes"]) if recorded.get("name") == RESIDENT else 0
        else:
            lanes = HARDWARE_LANES if self.device.kind != "software" else 0
        if not lanes or instances.SUBGROUPS not in self._gpu.features:
            return None
        resident = Resident(network, hyperparameters, lanes)
        return resident if resident.fits(self._workgroup) else None

    def _plan(self, network: Network, hyperparameters: Hyperparameters, recorded: Mapping[str, Any] | None) -> Plan:
        if recorded is not None:
            tiles = recorded_tiles(recorded, len(network.layers))
            if not all(self._workgroup.permits(tile) for layer in tiles.layers for tile in (layer.forward, layer.delta, layer.update)):
                raise unknown_plan(recorded)
        elif self._tuner is not None:
            tiles = self._tuner.tiles(network, hyperparameters.training.batch_size)
        else:
            tiles = tiles_for(self.device.kind, network, hyperparameters.training.batch_size, self._workgroup)
        return Plan(network, hyperparameters, tiles, self._field_size(hyperparameters))

    def _field_size(self, hyperparameters: Hyperparameters) -> int:
        return elastic_field_size(hyperparameters.augmentation, self._samples.height, self._samples.width)

    def prepare(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> None:
        self._take_threads(network, hyperparameters)
        self._network = network
        self._samples_trained = 0
        self._averaging = hyperparameters.training.averaging > 0
        rows = -(-max(hyperparameters.training.batch_size, EVALUATION_ROWS) // TALLEST_BLOCK) * TALLEST_BLOCK
        self._activity_layout: Activity = lay_out(network, rows, self._field_size(hyperparameters))
        self._create_buffers(rows)
        self._write_constants(hyperparameters)
        fitting = self._resident_plan(network, hyperparameters, plan)
        if plan is None and fitting is None and self._tuner is not None:
            self._tune(self._tuner, hyperparameters)
        self._layered = self._plan(network, hyperparameters, plan)
        self._steps_in_budget = steps_in_budget(self.device.kind, network, hyperparameters.training.batch_size)
        self._training_steps: dict[Switches, tuple[list[Work], list[Work]]] = {}
        fitting = self._compiled(fitting)
        self._evaluation = self._pipelines(self._layered.evaluation(EVALUATION_ROWS))
        self._resident = self._start_resident(fitting)
        self._warm_up()
        self.plan = self._described(self._resident, self._layered, plan)
        if plan is not None and plan.get("name") != self.plan["name"]:
            raise unknown_plan(plan)

    def _compiled(self, fitting: Resident | None) -> Resident | None:
        """Compiles what training takes, side by side; None where the driver refuses the resident kernel."""
        try:
            self._kernels.compile(self._wanted(self._layered, fitting))
        except DeviceError:
            if fitting is None:
                raise
            return self._compiled(None)
        return fitting

    def _tune(self, tuner: Tuner, hyperparameters: Hyperparameters) -> None:
        steps = np.zeros(1, STEP)
        steps["samples"] = hyperparameters.training.batch_size
        self._gpu.queue.write_buffer(self._steps, 0, steps)

        def measure(dispatch: Dispatch, times: int) -> float:
            work = self._pipelines([dispatch]) * times
            commands = recorded(self._gpu, self._training_group, (work, immediates(1, work, 0)))
            begin = time.perf_counter()
            self._gpu.queue.submit([commands])
            self._read(self._tally, 0, 8)
            return time.perf_counter() - begin

        with device_errors("measuring kernels"):
            self._kernels.compile(tuner.kernels(self._network, hyperparameters))
            tuner.measure(self._network, hyperparameters, measure)

    def _start_resident(self, resident: Resident | None) -> ResidentTraining | None:
        """None where the driver makes subgroups of another width than the kernel was made for, or refuses the kernel."""
        if resident is None:
            return None
        training = ResidentTraining(self._gpu, self._kernels, resident, lambda schedule: self._bind_group(self._parameters, schedule))
        try:
            training.warm_up()
        except DeviceError:
            return None
        return training if self._read(self._tally, 0, 16)[2] == resident.lanes else None

    def plans(self, network: Network, hyperparameters: Hyperparameters) -> list[dict[str, Any]]:
        layered, resident = self._plan(network, hyperparameters, None), self._resident_plan(network, hyperparameters, None)
        return [self._described(each, layered, None) for each in ([resident, None] if resident else [None])]

    def _described(self, resident: Resident | ResidentTraining | None, layered: Plan, followed: Mapping[str, Any] | None) -> dict[str, Any]:
        is_measured = self._tuner is not None and self._tuner.is_measured(layered)
        why = ONE_WORKGROUP if resident else MEASURED if is_measured else USUAL
        if followed is not None:
            why = str(followed.get("why", RECORDED))
        name = {"name": RESIDENT, "lanes": resident.lanes} if resident else {"name": LAYERED}
        return {**name, "why": why, "tiles": layered.tiles.plain()}

    def _create_buffers(self, rows: int) -> None:
        usage = wgpu.BufferUsage
        storage = usage.STORAGE | usage.COPY_DST | usage.COPY_SRC
        size = self._network.size * 4
        self._parameters, self._first, self._second = (
            self._buffer(what, size, storage) for what in ("parameters", "first moments", "second moments")
        )
        self._average = self._buffer("average", size if self._averaging else 16, storage)
        self._activity = self._buffer("activity", self._activity_layout.size * 4, storage)
        self._rows = rows
        self._tally = self._buffer("tally", 2 * rows * 2 * 4, storage)
        self._staging = self._buffer("staging", rows * max(2, padded(self._network.classes)) * 4, usage.MAP_READ | usage.COPY_DST)
        uniform = usage.UNIFORM | usage.COPY_DST
        self._steps = self._buffer("steps", STEP_RECORDS * STEP.itemsize, uniform)
        self._layers = self._buffer("layers", self._activity_layout.table.nbytes, uniform)
        self._constants = self._buffer("constants", CONSTANTS_BYTES, uniform)
        self._training_group = self._bind_group(self._parameters, self._average)
        # A buffer cannot be bound twice: where the average is evaluated, the parameters take its place, unused.
        evaluated = (self._average, self._parameters) if self._averaging else (self._parameters, self._average)
        self._evaluation_group = self._bind_group(*evaluated)

    def _bind_group(self, parameters: Any, average: Any) -> Any:
        buffers = (
            self._samples.images, self._samples.indices, parameters, self._first, self._second, average, self._activity, self._tally,
            self._steps, self._layers, self._constants,
        )  # fmt: skip
        return self._kernels.bind_group(buffers)

    def _write_constants(self, hyperparameters: Hyperparameters) -> None:
        samples = self._samples
        places = Places(samples.order_at, samples.words, self._network.size, samples.height, samples.width, self._activity_layout.field)
        self._gpu.queue.write_buffer(self._constants, 0, constants(hyperparameters, places))
        self._gpu.queue.write_buffer(self._layers, 0, self._activity_layout.table)

    def _pipelines(self, dispatches: list[Dispatch]) -> list[Work]:
        self._kernels.compile(dispatch.kernel for dispatch in dispatches)
        return [(self._kernels.pipeline(dispatch.kernel), dispatch.layer, dispatch.grid) for dispatch in dispatches]

    def _warm_up(self) -> None:
        """Runs a step over no samples, so that drivers that compile at the first dispatch do it now."""
        if not self._resident:
            self._submit(np.zeros(1, STEP), *self._training_step(self._layered.switches), self._training_group, 0)
        self._submit(np.zeros(1, STEP), [], self._evaluation, self._evaluation_group, 0)
        self._read(self._tally, 0, 8)

    # State

    @device_errors("setting the parameters")
    def set_state(self, state: TrainingState) -> None:
        queue = self._gpu.queue
        queue.write_buffer(self._parameters, 0, state.parameters)
        queue.write_buffer(self._first, 0, state.first_moment)
        queue.write_buffer(self._second, 0, state.second_moment)
        if self._averaging:
            queue.write_buffer(self._average, 0, state.parameters if state.average is None else state.average)

    def state(self) -> TrainingState:
        def floats(buffer: Any) -> Floats:
            with device_errors("reading the parameters"):
                return np.frombuffer(self._gpu.queue.read_buffer(buffer, 0, self._network.size * 4), np.float32).copy()

        average = floats(self._average) if self._averaging else None
        return TrainingState(floats(self._parameters), floats(self._first), floats(self._second), average)

    # Training

    @device_errors("setting the order of the samples")
    def set_order(self, order: npt.NDArray[np.uint32]) -> None:
        self._samples.set_order(order)

    def train(self, steps: Steps) -> None:
        for switches, run in Switches.runs(steps):
            if self._resident:
                with device_errors("a training step"):
                    self._resident.train(switches, run)
                continue
            opening, work = self._training_step(switches)
            begin, count = 0, FIRST_STEPS_A_SUBMIT
            most = max(1, min(STEPS_A_SUBMIT, DISPATCHES_A_SUBMIT // len(work), self._steps_in_budget))
            while begin < len(run):
                count = min(count, most)
                self._submit(run[begin : begin + count], opening, work, self._training_group, 0)
                begin, count = begin + count, count + count // 2
        self._samples_trained += int(steps["samples"].sum())

    def _training_step(self, switches: Switches) -> tuple[list[Work], list[Work]]:
        """What opens a row of steps, and each of them."""
        if switches not in self._training_steps:
            plan = self._layered.with_switches(switches)
            self._training_steps[switches] = self._pipelines(plan.opening()), self._pipelines(plan.step())
        return self._training_steps[switches]

    def _submit(self, steps: Steps, opening: list[Work], work: list[Work], group: Any, tally_at: int) -> None:
        """Encodes ``work`` once a step, after ``opening``, and hands it to the device; a step that is too long for one submit, a dispatch
        at a time.
        """
        with device_errors("a training step"):
            self._gpu.queue.write_buffer(self._steps, 0, np.append(steps, np.zeros(1, STEP)))
            if self._steps_in_budget:
                parts = (opening, immediates(1, opening, tally_at)), (work, immediates(len(steps), work, tally_at))
                submit(self._gpu, group, *parts)
                return
            for item in opening + work:
                submit(self._gpu, group, ([item], immediates(1, [item], tally_at)))

    # Tallies and evaluation

    def reset_tally(self) -> None:
        self._samples_trained = 0
        self._clear(0)

    @device_errors("clearing the tally")
    def _clear(self, tally_at: int) -> None:
        encoder = self._gpu.create_command_encoder()
        encoder.clear_buffer(self._tally, tally_at * 4, 2 * self._rows * 4)
        self._gpu.queue.submit([encoder.finish()])

    def tally(self) -> Tally:
        return self._sum(0, self._samples_trained)

    def _sum(self, tally_at: int, samples: int) -> Tally:
        values = self._read(self._tally, tally_at * 4, 2 * self._rows * 4).reshape(self._rows, 2)
        loss, correct = values.sum(axis=0, dtype=np.float64)
        return Tally(float(loss), int(correct) if np.isfinite(correct) else 0, samples)

    def _read(self, buffer: Any, offset: int, size: int) -> Floats:
        with device_errors("reading results"):
            encoder = self._gpu.create_command_encoder()
            encoder.copy_buffer_to_buffer(buffer, offset, self._staging, 0, size)
            self._gpu.queue.submit([encoder.finish()])
            self._staging.map_async("READ_NOSYNC", 0, size).sync_wait()
            try:
                return np.frombuffer(self._staging.read_mapped(0, size), np.float32).copy()
            finally:
                self._staging.unmap()

    def evaluate(self, first: int, count: int) -> Tally:
        tally_at = 2 * self._rows
        self._clear(tally_at)
        for begin in range(first, first + count, EVALUATION_ROWS):
            rows = min(EVALUATION_ROWS, first + count - begin)
            self._submit(self._evaluation_step(begin, rows), [], self._evaluation, self._evaluation_group, tally_at)
        return self._sum(tally_at, count)

    def _evaluation_step(self, first: int, rows: int) -> Steps:
        step = np.zeros(1, STEP)
        step["first"], step["samples"] = self._samples.in_place(first), rows
        step["input_scale"] = step["hidden_scale"] = 1
        return step

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        classes, stride = self._network.classes, padded(self._network.classes)
        outputs = np.empty((len(images), classes), np.float32)
        for begin in range(0, len(images), EVALUATION_ROWS):
            chunk = images[begin : begin + EVALUATION_ROWS]
            self._samples.write_images(self._samples.count, chunk)
            step = self._evaluation_step(self._samples.count, len(chunk))
            self._submit(step, [], self._evaluation, self._evaluation_group, 2 * self._rows)
            values = self._read(self._activity, self._activity_layout.outputs * 4, len(chunk) * stride * 4)
            outputs[begin : begin + len(chunk)] = values.reshape(-1, stride)[:, :classes]
        return outputs

    # Populations

    def most_members(self, network: Network, hyperparameters: Hyperparameters) -> int:
        if self._resident_plan(network, hyperparameters, None) is None:
            return 0
        self.prepare(network, hyperparameters)  # only the device knows how wide its subgroups are
        return WgpuPopulation.most_members(self._gpu, network) if self._resident else 0

    def population(self, network: Network, members: Sequence[Hyperparameters], lanes: int = HARDWARE_LANES) -> WgpuPopulation:
        """Gets ready to train networks of one shape at once; see ``engine.jobs.population.same_shape``. Raises DeviceError."""
        return WgpuPopulation(self._gpu, self._kernels, self._samples, network, members, lanes)

    def close(self) -> None:
        self._gpu.destroy()
        self.__dict__ = {"device": self.device, "plan": self.plan}
        gc.collect()  # wgpu's device and its queue refer to each other
