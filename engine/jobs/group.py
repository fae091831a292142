"""Trains many jobs of a sweep: those of one shape as a population, where the device can, else one after the other."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dataset import Dataset
from engine import network
from engine.backend import Backend, Population
from engine.commands import TrainJob
from engine.data.preprocessing import seen_dataset
from engine.events import Event, JobEnded, JobEpoch, JobFailed
from engine.hyperparameters.configuration import from_plain
from engine.hyperparameters.definitions import Hyperparameters
from engine.jobs.job import JOB_METRICS, job_failed, train_job
from engine.jobs.population import MemberEpoch, PopulationTrainer, same_shape
from engine.model import DatasetFacts, Model
from engine.model_file import save_model
from engine.network import Network
from engine.training.control import Control
from engine.training.ensemble import single

PAUSE_SECONDS = 0.2


class GroupControl(Control):
    """The control of a group of jobs, of which single ones can be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._dropped: set[int] = set()
        self.job: int | None = None
        """The job that is being trained by itself; None while jobs are trained together."""

    def drop(self, job: int) -> None:
        """Asks for the end of one job."""
        with self._lock:
            self._dropped.add(job)

    def is_unwanted(self, job: int) -> bool:
        with self._lock:
            return self._abort or job in self._dropped

    @property
    def aborting(self) -> bool:
        return self._abort if self.job is None else self.is_unwanted(self.job)


class JobGroup:
    """Jobs that came together. ``models``: how many of the best are written."""

    def __init__(
        self,
        jobs: Sequence[TrainJob],
        models: int,
        dataset: Dataset,
        backend: Backend,
        control: GroupControl,
        emit: Callable[[Event], None],
    ) -> None:
        self._jobs, self._models, self._dataset = jobs, models, dataset
        self._backend, self._control, self._emit = backend, control, emit
        self._facts = DatasetFacts.of(dataset)
        self._written: list[float] = []
        """Validation accuracies of the models that were written."""

    def train(self) -> None:
        """Trains all of them; each ends with ``job_ended`` or ``job_failed``. Raises HyperparameterError."""
        groups: dict[str, list[tuple[TrainJob, Hyperparameters]]] = {}
        for job in self._jobs:
            values = single(from_plain(job.hyperparameters))
            groups.setdefault(same_shape(values), []).append((job, values))
        for alike in groups.values():
            values = alike[0][1]
            shape = network.build(values.network, self._dataset.inputs, len(self._dataset.classes))
            most = self._backend.most_members(shape, values)
            if not most:
                for job, _ in alike:
                    self._train_alone(job)
                continue
            for begin in range(0, len(alike), most):
                self._train_together(shape, alike[begin : begin + most])

    def _train_alone(self, job: TrainJob) -> None:
        self._control.job = job.job
        if self._control.aborting:
            self._emit(_stopped(job))
        else:
            self._emit(train_job(job, self._dataset, self._backend, self._control, self._emit))
        self._control.job = None

    def _train_together(self, shape: Network, group: list[tuple[TrainJob, Hyperparameters]]) -> None:
        going_on = [job for job, _ in group]
        try:
            self._backend.load(seen_dataset(self._dataset, group[0][1].preprocessing.deskew))
            with contextlib.closing(self._backend.population(shape, [values for _, values in group])) as population:
                together = _Together(self._dataset, shape, population, group)
                while going_on:
                    self._obey(together)
                    self._tell(together, together.train_epoch())
                    going_on = together.going_on
        except Exception as error:
            for job in going_on:
                self._emit(job_failed(job.job, error))

    def _obey(self, together: _Together) -> None:
        while self._control.paused:
            self._control.wait(PAUSE_SECONDS)
        for member, job in together.members():
            if self._control.is_unwanted(job.job):
                self._emit(together.stop(member))

    def _tell(self, together: _Together, epochs: list[MemberEpoch]) -> None:
        for epoch in epochs:
            job = together.job(epoch.member).job
            if epoch.outcome == "diverged":
                self._emit(JobFailed(job=job, kind="divergence", message=f"the loss is no longer a finite number in epoch {epoch.epoch}"))
            else:
                self._emit(JobEpoch(job=job, metrics=together.metrics(epoch)))
        ended = {epoch.member: epoch.outcome for epoch in epochs if epoch.outcome is not None and epoch.outcome != "diverged"}
        # The best first, so that no model is written only to be surpassed.
        for member in sorted(ended, key=together.accuracy, reverse=True):
            self._end(together, member, ended[member])

    def _end(self, together: _Together, member: int, reason: str) -> None:
        job = together.job(member)
        try:
            model = self._write_model(together, member)
            self._emit(together.ended(member, reason, model))
        except OSError as error:
            self._emit(job_failed(job.job, error))

    def _write_model(self, together: _Together, member: int) -> Path | None:
        """Where the model is now, if it is worth it. Raises OSError."""
        job, accuracy = together.job(member), together.accuracy(member)
        better = sum(written >= accuracy for written in self._written)
        if job.model is None or accuracy < job.keep_from or better >= self._models:
            return None
        self._written.append(accuracy)
        save_model(Path(job.model), together.model(member, self._facts))
        return Path(job.model)


class _Together:
    """The jobs of one population, and how each of them is doing."""

    def __init__(self, dataset: Dataset, shape: Network, population: Population, group: list[tuple[TrainJob, Hyperparameters]]) -> None:
        self._group, self._shape, self._population = group, shape, population
        self._best: dict[int, MemberEpoch] = {}
        self._begin = self._epoch_begin = time.perf_counter()
        self._trainer = PopulationTrainer([values for _, values in group], dataset, population)
        self._trainer.begin()

    def train_epoch(self) -> list[MemberEpoch]:
        """An epoch of those that go on; nothing where none does."""
        if not self._trainer.active.any():
            return []
        self._epoch_begin = time.perf_counter()
        epochs = self._trainer.train_epoch()
        self._best |= {epoch.member: epoch for epoch in epochs if epoch.better}
        return epochs

    def job(self, member: int) -> TrainJob:
        return self._group[member][0]

    def members(self) -> list[tuple[int, TrainJob]]:
        """Those that go on."""
        return [(int(member), self.job(int(member))) for member in np.flatnonzero(self._trainer.active)]

    @property
    def going_on(self) -> list[TrainJob]:
        return [job for _, job in self.members()]

    def accuracy(self, member: int) -> float:
        """Of the epoch that is kept; -1 without one, or without a validation part."""
        best = self._best.get(member)
        return -1.0 if best is None or best.validation_accuracy is None else best.validation_accuracy

    def metrics(self, epoch: MemberEpoch) -> dict[str, object]:
        """As ``JobEpoch.metrics``. The seconds are those of the whole population."""
        seconds = time.perf_counter() - self._epoch_begin
        return {name: seconds if name == "seconds" else getattr(epoch, name) for name in JOB_METRICS}

    def model(self, member: int, facts: DatasetFacts) -> Model:
        best, values = self._best[member], self._group[member][1]
        return Model(
            values,
            self._shape,
            self._population.best(member),
            facts,
            best.epoch,
            validation_loss=best.validation_loss,
            validation_accuracy=best.validation_accuracy,
        )

    def stop(self, member: int) -> JobEnded:
        """Ends a job at a person's or a pruner's wish."""
        self._trainer.stop(member)
        return self.ended(member, "stopped")

    def ended(self, member: int, reason: str, model: Path | None = None) -> JobEnded:
        best = self._best.get(member)
        return JobEnded(
            job=self.job(member).job,
            reason=reason,
            epochs=self._trainer.epoch,
            best_epoch=best.epoch if best else 0,
            validation_accuracy=best.validation_accuracy if best else None,
            validation_loss=best.validation_loss if best else None,
            seconds=time.perf_counter() - self._begin,
            model=str(model) if model else None,
        )


def _stopped(job: TrainJob) -> JobEnded:
    return JobEnded(job=job.job, reason="stopped", epochs=0, best_epoch=0, validation_accuracy=None, validation_loss=None, seconds=0.0)
