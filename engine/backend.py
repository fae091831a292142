"""What a device must be able to do. ``backends/cpu`` and ``backends/wgpu`` do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from dataset import Dataset
from engine.advised_error import AdvisedError
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network
from engine.steps import Moments, Steps

DeviceKind = Literal["cpu", "software", "integrated", "discrete"]


class DeviceError(AdvisedError, RuntimeError):
    """The device is not there, or cannot do what was asked."""


@dataclass(frozen=True)
class Device:
    """What trains: the CPU backend, or an adapter. ``kind`` software is an adapter that runs on the CPU, such as llvmpipe."""

    index: int
    name: str
    kind: DeviceKind
    backend: Literal["cpu", "wgpu"]
    driver: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def is_same(self, other: Device) -> bool:
        """Whether it computes as the other does, whatever their places in the list and their drivers."""
        return (self.backend, self.name) == (other.backend, other.name)


@dataclass(frozen=True)
class Tally:
    """Loss and hits, summed over ``samples`` samples."""

    loss: float
    correct: int
    samples: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.loss + other.loss, self.correct + other.correct, self.samples + other.samples)

    @property
    def mean_loss(self) -> float | None:
        return self.loss / self.samples if self.samples else None

    @property
    def accuracy(self) -> float | None:
        return self.correct / self.samples if self.samples else None


NOTHING = Tally(0.0, 0, 0)
"""The tally of no samples."""


@dataclass(frozen=True)
class TrainingState:
    """All that a network's training changes: flat buffers in the network's layout, float32, [network.size] each.

    ``first_moment`` and ``second_moment`` are Adam's; sgd keeps its momentum in the first. ``average`` is the moving average of the
    parameters, None without averaging.
    """

    parameters: Floats
    first_moment: Floats
    second_moment: Floats
    average: Floats | None

    @classmethod
    def untrained(cls, parameters: Floats, averaging: bool) -> TrainingState:
        """That of a network that has not been trained: these parameters, and moments of zero."""
        zeros = np.zeros_like(parameters)
        return cls(parameters, zeros, zeros, parameters if averaging else None)

    @property
    def evaluated(self) -> Floats:
        """The parameters to evaluate and to save."""
        return self.parameters if self.average is None else self.average


def unknown_plan(plan: Mapping[str, Any]) -> DeviceError:
    """The error of a backend that is asked to follow a plan that it does not know."""
    advice = "Go on with the version of digits-tui that the run began with, or on another device: --device."
    return DeviceError(f"This version does not know how the run was computed: plan {str(plan.get('name'))[:40]!r}.", advice)


@dataclass(frozen=True)
class PopulationTally:
    """Loss and hits, summed over the samples, of each member: [members] each."""

    loss: npt.NDArray[np.float64]
    correct: npt.NDArray[np.float64]


class Population(Protocol):
    """Networks of one shape on a device, trained at once. Raises DeviceError where the device fails."""

    @property
    def steps_a_dispatch(self) -> int:
        """The most steps that ``train`` takes."""
        ...

    def set_parameters(self, parameters: Floats) -> None:
        """Begins anew: parameters [members, network.size], moments of zero."""
        ...

    def set_orders(self, orders: Sequence[npt.NDArray[np.uint32]], of_member: npt.NDArray[np.intp]) -> None:
        """The orders of the next epoch's samples, and which of them each member follows: [members]."""
        ...

    def set_active(self, active: npt.NDArray[np.bool_]) -> None:
        """Which members go on: [members]."""
        ...

    def begin_epoch(self) -> None:
        """Clears the tally; what was set before now counts."""
        ...

    def train(self, moments: Moments, first: int, samples: int) -> None:
        """Runs the steps from the epoch's step ``first`` on, of ``samples`` samples in all: [members, steps] of MOMENT. May return
        before they are done.
        """
        ...

    def tally(self) -> PopulationTally:
        """Training loss and hits since ``begin_epoch``, as trained."""
        ...

    def evaluate(self, first: int, count: int) -> PopulationTally:
        """Loss and hits over samples ``first`` to ``first + count``. The training tally is gone after it."""
        ...

    def keep(self, better: npt.NDArray[np.bool_]) -> None:
        """Keeps the parameters of these members as their best: [members]."""
        ...

    def best(self, member: int) -> Floats:
        """The parameters kept last, flat: [network.size]."""
        ...

    def close(self) -> None: ...


class Backend(Protocol):
    """An open device with a data set, and one network at a time. Calls come from one thread.

    Samples are numbered through: training images first, then test images. Raises DeviceError where the device fails or is too small.
    """

    @property
    def device(self) -> Device: ...

    @property
    def plan(self) -> dict[str, Any]:
        """How it computes, and what else decides the bits: ``name``, ``threads`` or ``tiles``. After ``prepare``."""
        ...

    def load(self, dataset: Dataset) -> None:
        """Brings a data set to the device, unless it is there; ``prepare`` comes next."""
        ...

    def kernels_to_compile(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> int:
        """How many kernels ``prepare`` would have to compile; 0 where the wait is not worth a word."""
        ...

    def prepare(self, network: Network, hyperparameters: Hyperparameters, plan: Mapping[str, Any] | None = None) -> None:
        """Gets ready to train and evaluate a network: buffers, kernels. Its state is then zero; ``set_state`` comes next.

        With a ``plan`` that was in force before, the bits are those of then; without one, the backend chooses. Raises DeviceError for
        one that it does not know.
        """
        ...

    def plans(self, network: Network, hyperparameters: Hyperparameters) -> list[dict[str, Any]]:
        """Every plan that ``prepare`` could follow, the one that it would choose first."""
        ...

    def set_state(self, state: TrainingState) -> None: ...

    def state(self) -> TrainingState:
        """Copies, after all steps so far."""
        ...

    def set_order(self, order: npt.NDArray[np.uint32]) -> None:
        """The epoch's order of training samples; ``Step.first`` points into it."""
        ...

    def train(self, steps: Steps) -> None:
        """Runs steps, in order. May return before they are done; ``tally`` and ``state`` wait for them."""
        ...

    def reset_tally(self) -> None: ...

    def tally(self) -> Tally:
        """Training loss and hits of all steps since ``reset_tally``, as trained: with dropout, label smoothing and the parameters of
        the time."""
        ...

    def evaluate(self, first: int, count: int) -> Tally:
        """Loss and hits over samples ``first`` to ``first + count``, without dropout and label smoothing, of the evaluated parameters."""
        ...

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Raw outputs of the evaluated parameters for images [n, inputs]: [n, classes]."""
        ...

    def most_members(self, network: Network, hyperparameters: Hyperparameters) -> int:
        """How many such networks ``population`` can train at once; 0 where that is not possible, or would not pay.

        Finding it out may make the backend ready for such a network: to train another one, ``prepare`` again.
        """
        ...

    def population(self, network: Network, members: Sequence[Hyperparameters]) -> Population:
        """Gets ready to train networks of one shape at once (see ``population.same_shape``). Raises DeviceError."""
        ...

    def close(self) -> None: ...
