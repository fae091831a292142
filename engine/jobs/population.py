"""Trains many networks of one shape at once, each with its own hyperparameters, on a backend that can: the population plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from dataset import Dataset
from engine import counter_random, network
from engine.backend import Population, PopulationTally
from engine.data.part_sizes import part_sizes
from engine.early_stopping import EarlyStopping
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.schedule import Schedule
from engine.steps import MOMENT, Moments, batches, bias_correction

OWN = frozenset(
    {
        "learning_rate.", "early_stopping.", "regularization.", "optimizer.beta_1", "optimizer.beta_2", "optimizer.epsilon",
        "optimizer.weight_decay", "optimizer.momentum", "training.epochs", "training.seed", "training.shuffle",
    }
)  # fmt: skip
"""Beginnings of the hyperparameters that may differ between the members of a population."""


def same_shape(values: Hyperparameters) -> str:
    """What the members of one population have in common, as text to group by."""
    common = {key: value for key, value in configuration.flatten(values).items() if not key.startswith(tuple(OWN))}
    return repr(sorted(common.items()))


MemberOutcome = Literal["early_stopping", "epochs", "diverged"]
"""Why the training of a member ends: as for a network that is trained alone, and diverged where a loss is no longer a finite number."""


@dataclass(frozen=True)
class MemberEpoch:
    """How one member did in an epoch. Losses are None where they are not finite."""

    member: int
    epoch: int
    """From 1."""
    train_loss: float | None
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    """The mean over the epoch."""
    better: bool
    """Whether its parameters are now the ones to keep."""
    outcome: MemberOutcome | None
    """Why its training ends with this epoch; None where it goes on."""


Value = TypeVar("Value")
Row = TypeVar("Row", bound=np.generic)


class _Distinct(Generic[Value]):
    """One hyperparameter of all members, with few different values: what follows from a value is computed once for all that share it."""

    def __init__(self, of_members: Sequence[Value]) -> None:
        self.values = list(dict.fromkeys(of_members))
        places = {value: place for place, value in enumerate(self.values)}
        self.of_member = np.array([places[value] for value in of_members])
        """The place of each member's in ``values``: [members]."""

    def spread(self, row: Callable[[Value], npt.NDArray[Row]]) -> npt.NDArray[Row]:
        """The row of each member's value: [members, …]; [1, …], to be broadcast, where all have the same."""
        rows = np.stack([row(value) for value in self.values])
        return rows if len(rows) == 1 else rows[self.of_member]


class PopulationTrainer:
    """Trains a population epoch by epoch. The members' samples are those of a run of their own, in the same order."""

    def __init__(self, members: Sequence[Hyperparameters], dataset: Dataset, population: Population) -> None:
        self._members, self._population = list(members), population
        first = members[0]
        self._network = network.build(first.network, dataset.inputs, len(dataset.classes))
        self._training, self._validation = part_sizes(first, dataset)
        self._steps = batches(self._training, first.training.batch_size)
        self._schedules = [Schedule(values.learning_rate, values.training.epochs) for values in members]
        self._early_stopping = [EarlyStopping(values.early_stopping) for values in members]
        self._first_betas = _Distinct([values.optimizer.beta_1 for values in members])
        self._second_betas = _Distinct([values.optimizer.beta_2 for values in members])
        self._seeds = _Distinct([values.training.seed for values in members])
        self._shuffles = _Distinct([values.training.seed if values.training.shuffle else None for values in members])
        self.active = np.ones(len(self._members), np.bool_)
        self.epoch = 0
        """Epochs trained."""

    def begin(self) -> None:
        """Draws the initial parameters, as each member's run of its own would."""
        initializer = self._members[0].network.initializer
        drawn = self._seeds.spread(lambda seed: network.initial_parameters(self._network, initializer, seed))
        self._population.set_parameters(np.broadcast_to(drawn, (len(self._members), self._network.size)))

    def stop(self, member: int) -> None:
        """Leaves a member out of the next epochs."""
        self.active[member] = False

    def train_epoch(self) -> list[MemberEpoch]:
        """Trains an epoch of all active members. Raises DeviceError."""
        self.epoch += 1
        population = self._population
        self._set_orders()
        population.set_active(self.active)
        population.begin_epoch()
        rates = np.empty((len(self._members), self._steps), np.float32)
        for own, schedule in zip(rates, self._schedules, strict=True):
            own[:] = schedule.rates(self._steps)
        for begin in range(0, self._steps, population.steps_a_dispatch):
            end = min(begin + population.steps_a_dispatch, self._steps)
            population.train(self._moments(rates, begin, end), begin, self._training)
        trained = population.tally()
        validated = population.evaluate(self._training, self._validation) if self._validation else None
        return self._take_note(trained, validated, rates.mean(axis=1, dtype=np.float64))

    def _set_orders(self) -> None:
        orders = [counter_random.epoch_order(seed, self.epoch, self._training) for seed in self._shuffles.values]
        self._population.set_orders(orders, self._shuffles.of_member)

    def _moments(self, rates: npt.NDArray[np.float32], begin: int, end: int) -> Moments:
        numbers = (self.epoch - 1) * self._steps + 1 + np.arange(begin, end)
        moments = np.empty((len(self._members), end - begin), MOMENT)
        moments["learning_rate"] = rates[:, begin:end]
        for name, betas in (("first_correction", self._first_betas), ("second_correction", self._second_betas)):
            moments[name] = betas.spread(lambda beta: bias_correction(beta, numbers))
        drawn = numbers.astype(np.uint32)
        moments["dropout_key"] = self._seeds.spread(lambda seed: counter_random.keys(seed, counter_random.Stream.DROPOUT, drawn))
        return moments

    def _take_note(self, trained: PopulationTally, validated: PopulationTally | None, rates: npt.NDArray[np.float64]) -> list[MemberEpoch]:
        better = np.zeros(len(self._members), np.bool_)
        found: list[MemberEpoch] = []
        for member in np.flatnonzero(self.active):
            values, watcher = self._members[member], self._early_stopping[member]
            train_loss = _mean(trained.loss[member], self._training)
            loss = accuracy = None
            if validated is not None:
                loss = _mean(validated.loss[member], self._validation)
                accuracy = float(validated.correct[member] / self._validation)
            diverged = train_loss is None or (validated is not None and loss is None)
            if not diverged:
                better[member] = watcher.observe(accuracy, loss)
            self._schedules[member].advance()
            outcome: MemberOutcome | None = None
            if diverged:
                outcome = "diverged"
            elif watcher.should_stop:
                outcome = "early_stopping"
            elif self.epoch >= values.training.epochs:
                outcome = "epochs"
            self.active[member] = outcome is None
            found.append(
                MemberEpoch(
                    member=int(member),
                    epoch=self.epoch,
                    train_loss=train_loss,
                    train_accuracy=float(trained.correct[member] / self._training),
                    validation_loss=loss,
                    validation_accuracy=accuracy,
                    learning_rate=float(rates[member]),
                    better=bool(better[member]),
                    outcome=outcome,
                )
            )
        self._population.keep(better)
        return found


def _mean(total: float, count: int) -> float | None:
    return float(total) / count if np.isfinite(total) else None
