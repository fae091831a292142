"""Trains many jobs of a sweep: those of one shape as a population, where the device can, else one after the other."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dataset import Dataset
from engine import network
from engine.backend import Backend, DeviceError, Population
from engine.checkpoint import DatasetFacts, Model, save_model
from engine.commands import TrainJob
from engine.configuration import from_plain
from engine.control import Control
from engine.events import Event, JobEnded, JobEpoch, JobFailed
from engine.failures import failure
from engine.hyperparameters import Hyperparameters
from engine.job import JobTrainer
from engine.population import MemberEpoch, PopulationTrainer, same_shape

PAUSE_SECONDS = 0.2


class GroupControl(Control):
    """Also of single jobs."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._dropped: set[int] = set()

    def drop(self, job: int) -> None:
        """Asks for the end of one job."""
        with self._lock:
            self._dropped.add(job)

    def is_dropped(self, job: int) -> bool:
        with self._lock:
            return job in self._dropped


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
        self._jobs = [(job, from_plain(job.hyperparameters)) for job in jobs]
        self._models, self._dataset, self._backend, self._control, self._emit = models, dataset, backend, control, emit
        self._facts = DatasetFacts.of(dataset)
        self._written: list[float] = []
        """Validation accuracies of the models that were written."""

    def train(self) -> None:
        """Trains all of them; each ends with ``job_ended`` or ``job_failed``."""
        by_shape = sorted(self._jobs, key=lambda item: same_shape(item[1]))
        for _, group in itertools.groupby(by_shape, key=lambda item: same_shape(item[1])):
            alike = list(group)
            shape = network.build(alike[0][1].network, self._dataset.inputs, len(self._dataset.classes))
            most = self._backend.most_members(shape, alike[0][1])
            if not most:
                for job, values in alike:
                    self._train_alone(job, values)
                continue
            for begin in range(0, len(alike), most):
                self._train_together(shape, alike[begin : begin + most])

    def _train_alone(self, job: TrainJob, values: Hyperparameters) -> None:
        if self._control.aborting or self._control.is_dropped(job.job):
            self._emit(_stopped(job))
            return
        try:
            trainer = JobTrainer(job.job, values, self._dataset, self._backend, self._control, self._emit)
            trainer.train()
            self._emit(trainer.ended(Path(job.model) if job.model else None, job.keep_from))
        except Exception as error:
            self._fail(job, error)

    def _train_together(self, shape: network.Network, group: list[tuple[TrainJob, Hyperparameters]]) -> None:
        members = [values for _, values in group]
        try:
            population = self._backend.population(shape, members)
        except DeviceError as error:
            for job, _ in group:
                self._fail(job, error)
            return
        try:
            together = _Together(self._dataset, shape, population, group)
            while together.trainer.active.any():
                self._obey(together)
                if together.trainer.active.any():
                    self._tell(together, together.train_epoch())
        except Exception as error:
            for job in together.unended:
                self._fail(job, error)
        finally:
            population.close()

    def _obey(self, together: _Together) -> None:
        while self._control.paused:
            self._control.wait(PAUSE_SECONDS)
        for job in together.unended:
            if self._control.aborting or self._control.is_dropped(job.job):
                self._emit(together.stop(job))

    def _tell(self, together: _Together, epochs: list[MemberEpoch]) -> None:
        for epoch in epochs:
            job = together.job(epoch.member)
            if epoch.train_loss is None or (epoch.validation_accuracy is not None and epoch.validation_loss is None):
                together.end(epoch.member)
                self._emit(
                    JobFailed(job=job.job, kind="divergence", message=f"the loss is no longer a finite number in epoch {epoch.epoch}")
                )
                continue
            self._emit(JobEpoch(job=job.job, metrics=together.metrics(epoch)))
        ended = [epoch.member for epoch in epochs if epoch.last and not together.is_ended(epoch.member)]
        # The best first, so that no model is written only to be surpassed.
        for member in sorted(ended, key=together.accuracy, reverse=True):
            self._emit(together.end(member, self._place_for_model(together, member)))

    def _place_for_model(self, together: _Together, member: int) -> Path | None:
        job, accuracy = together.job(member), together.accuracy(member)
        if job.model is None or accuracy < job.keep_from:
            return None
        better = sum(written >= accuracy for written in self._written)
        if better >= self._models:
            return None
        self._written.append(accuracy)
        save_model(Path(job.model), together.model(member, self._facts))
        return Path(job.model)

    def _fail(self, job: TrainJob, error: Exception) -> None:
        failed = failure(error)
        self._emit(JobFailed(job=job.job, kind=failed.kind, message=failed.message))


class _Together:
    """The jobs of one population, and how each of them is doing."""

    def __init__(
        self, dataset: Dataset, shape: network.Network, population: Population, group: list[tuple[TrainJob, Hyperparameters]]
    ) -> None:
        self._group, self._shape, self._population = group, shape, population
        self._best: dict[int, MemberEpoch] = {}
        self._ended: set[int] = set()
        self._begin = self._epoch_begin = time.perf_counter()
        self.trainer = PopulationTrainer([values for _, values in group], dataset, population)
        self.trainer.begin()

    def train_epoch(self) -> list[MemberEpoch]:
        self._epoch_begin = time.perf_counter()
        epochs = self.trainer.train_epoch()
        self._best |= {epoch.member: epoch for epoch in epochs if epoch.better}
        return epochs

    def job(self, member: int) -> TrainJob:
        return self._group[member][0]

    @property
    def unended(self) -> list[TrainJob]:
        return [job for member, (job, _) in enumerate(self._group) if member not in self._ended]

    def is_ended(self, member: int) -> bool:
        return member in self._ended

    def accuracy(self, member: int) -> float:
        """Of the epoch that is kept; -1 without one, or without a validation part."""
        best = self._best.get(member)
        return -1.0 if best is None or best.validation_accuracy is None else best.validation_accuracy

    def metrics(self, epoch: MemberEpoch) -> dict[str, object]:
        """As ``JobEpoch.metrics``. The seconds are those of the whole population."""
        names = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
        return {name: getattr(epoch, name) for name in names} | {"seconds": time.perf_counter() - self._epoch_begin}

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

    def stop(self, job: TrainJob) -> JobEnded:
        """Ends a job at a person's or a pruner's wish."""
        member = next(member for member, (each, _) in enumerate(self._group) if each is job)
        self.trainer.stop(member)
        return self.end(member, reason="stopped")

    def end(self, member: int, model: Path | None = None, reason: str = "") -> JobEnded:
        self._ended.add(member)
        best, values = self._best.get(member), self._group[member][1]
        return JobEnded(
            job=self.job(member).job,
            reason=reason or ("epochs" if self.trainer.epoch >= values.training.epochs else "early_stopping"),
            epochs=self.trainer.epoch,
            best_epoch=best.epoch if best else 0,
            validation_accuracy=best.validation_accuracy if best else None,
            validation_loss=best.validation_loss if best else None,
            seconds=time.perf_counter() - self._begin,
            model=str(model) if model else None,
        )


def _stopped(job: TrainJob) -> JobEnded:
    return JobEnded(
        job=job.job, reason="stopped", epochs=0, best_epoch=0, validation_accuracy=None, validation_loss=None, seconds=0.0, model=None
    )
