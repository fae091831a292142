"""The course of one network's training: its epochs and their steps, its learning rates, and when it ends."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.checkpoint import Checkpoint
from engine.early_stopping import EarlyStopping
from engine.events import Progress
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.history import History
from engine.schedule import Schedule
from engine.steps import Steps, batches, epoch_steps
from engine.training.ensemble import of_member
from engine.training.past_rates import past_rates
from engine.training.unfinished_epoch import UnfinishedEpoch


class MemberCourse:
    """How far the training of one network is: the member ``index``, counted from 0, of an ensemble, or the one network of a run.

    ``samples`` is the number of training samples. ``before`` is the number of epochs that the members before it took: the epochs of a run
    are counted through, while seed, learning rates and early stopping begin anew with each member.
    """

    def __init__(self, hyperparameters: Hyperparameters, samples: int, index: int = 0, before: int = 0) -> None:
        self.index, self.before = index, before
        self.hyperparameters = of_member(hyperparameters, index)
        self.schedule = Schedule(hyperparameters.learning_rate, hyperparameters.training.epochs)
        self.early_stopping = EarlyStopping(hyperparameters.early_stopping)
        self.validation: list[tuple[float | None, float | None]] = []
        """Validation accuracy and loss of each of its finished epochs."""
        self._samples = samples
        self._checkpoint: Checkpoint | None = None
        self._past_rates: npt.NDArray[np.float64] | None = None
        """Of the steps that were done before the checkpoint, where they differ from what the schedule has now."""

    def restore(self, checkpoint: Checkpoint, history: History) -> None:
        """Goes on from a checkpoint of this member."""
        self._checkpoint = checkpoint
        self._past_rates = past_rates(checkpoint, history, self.steps_an_epoch)
        self.schedule.rate, self.schedule.finished = checkpoint.rate, checkpoint.epoch
        self.validation = list(checkpoint.validation)
        for accuracy, loss in self.validation:
            self.early_stopping.observe(accuracy, loss)

    @property
    def steps_an_epoch(self) -> int:
        return batches(self._samples, self.hyperparameters.training.batch_size)

    @property
    def epochs(self) -> int:
        """Finished epochs of the run."""
        return self.before + self.schedule.finished

    @property
    def most_epochs(self) -> int:
        """The most epochs that the run can have: those of the members before this one, and ``training.epochs`` for each of the others."""
        members = self.hyperparameters.ensemble.members
        return self.before + self.hyperparameters.training.epochs * (members - self.index)

    @property
    def best_epoch(self) -> int:
        """The epoch of the run whose parameters are to be kept; 0 where there is none yet."""
        best = self.early_stopping.best_epoch
        return self.before + best if best else 0

    @property
    def is_best(self) -> bool:
        """Whether the last finished epoch is the one whose parameters are to be kept."""
        return 0 < self.best_epoch == self.epochs

    @property
    def is_last(self) -> bool:
        """Whether no member comes after this one."""
        return self.index + 1 >= self.hyperparameters.ensemble.members

    @property
    def outcome(self) -> Literal["early_stopping", "epochs"] | None:
        """Why it is over; None while it goes on."""
        if self.early_stopping.should_stop:
            return "early_stopping"
        return "epochs" if self.schedule.finished >= self.hyperparameters.training.epochs else None

    @property
    def explanation(self) -> str:
        """What made early stopping end it, in words; empty where something else did, or nothing yet."""
        return self.early_stopping.explanation(f" of member {self.index + 1}" if self.hyperparameters.ensemble.members > 1 else "")

    def next_epoch(self) -> UnfinishedEpoch:
        """The epoch after the finished ones; the first one after ``restore``, with the steps that were done before the checkpoint."""
        rates = self.schedule.rates(self.steps_an_epoch)
        epoch = UnfinishedEpoch(self.epochs + 1, self._steps(rates), rates)
        before, self._checkpoint = self._checkpoint, None
        if before is not None:
            epoch.done, epoch.seconds, epoch.before = before.step, before.partial_seconds, before.partial
            epoch.tally = epoch.before
            if self._past_rates is not None:
                rates[: before.step] = self._past_rates
        return epoch

    def order(self) -> npt.NDArray[np.uint32]:
        """The order in which the next epoch goes through the training samples: [samples]."""
        training = self.hyperparameters.training
        return counter_random.epoch_order(training.seed if training.shuffle else None, self.schedule.finished + 1, self._samples)

    def change(self, hyperparameters: Hyperparameters, key: str, epoch: UnfinishedEpoch) -> None:
        """Follows the run's hyperparameters, of which ``key`` has changed, from the next step of ``epoch`` on."""
        self.hyperparameters = of_member(hyperparameters, self.index)
        if key == "learning_rate.initial":
            self.schedule.rate = hyperparameters.learning_rate.initial
        epoch.rates[epoch.done :] = self.schedule.rates(len(epoch.rates))[epoch.done :]
        epoch.steps[epoch.done :] = self._steps(epoch.rates)[epoch.done :]

    def progress(self, epoch: UnfinishedEpoch) -> Progress:
        """How far it is, after a step of ``epoch``."""
        return Progress(
            epoch=epoch.number,
            step=epoch.done,
            steps=len(epoch.steps),
            epochs=self.most_epochs,
            learning_rate=float(epoch.rates[epoch.done - 1]),
            train_loss=epoch.tally.mean_loss,
            train_accuracy=epoch.tally.accuracy,
            samples_per_second=epoch.samples_per_second,
            member=self.index + 1,
            members=self.hyperparameters.ensemble.members,
        )

    def end_epoch(self, accuracy: float | None, loss: float | None) -> None:
        """Takes note of an epoch's validation figures."""
        self.validation.append((accuracy, loss))
        self.schedule.advance()
        self.early_stopping.observe(accuracy, loss)

    def _steps(self, rates: npt.NDArray[np.float64]) -> Steps:
        return epoch_steps(self.hyperparameters, self._samples, self.schedule.finished * len(rates), rates)
