"""Training without a run: for the trials of a sweep, which are many and mostly forgotten."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dataset import Dataset
from engine.backend import Backend
from engine.checkpoint import Checkpoint
from engine.commands import TrainJob
from engine.events import EpochEnded, Event, JobEnded, JobEpoch, JobFailed
from engine.failures import failure
from engine.hyperparameters.configuration import from_plain
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import Model
from engine.model_file import save_model
from engine.runs.recorder import Recorder
from engine.runs.run import Run
from engine.runs.summary import Summary
from engine.trainer import Outcome, Trainer
from engine.training.control import Control
from engine.training.ensemble import single

JOB_METRICS = ("epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "seconds")
"""The fields of ``EpochEnded`` that ``JobEpoch.metrics`` holds."""


class _Unwritten(Run):
    """A run that leaves no files."""

    def __init__(self) -> None:
        self.path = Path()
        self.summary = Summary(name="", path="", when="")

    def write_summary(self, **changes: Any) -> None:
        self.change_summary(**changes)


class _Memory(Recorder):
    """Keeps the model in memory, and tells of epochs only."""

    is_due = False

    def write_kept(self) -> None:
        pass

    def snapshot(self, model: Model) -> None:
        pass

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        pass

    def epoch(self, epochs: Sequence[EpochEnded]) -> None:
        self._emit(epochs[-1])


class JobTrainer(Trainer):
    """A ``Trainer`` without files, hints and test digits. After ``train``, ``ended`` says how it went."""

    def __init__(
        self,
        job: int,
        hyperparameters: Hyperparameters,
        dataset: Dataset,
        backend: Backend,
        control: Control,
        emit: Callable[[Event], None],
    ) -> None:
        self._job = job
        self._tell = emit
        super().__init__(single(hyperparameters), dataset, backend, _Unwritten(), control, self._filter)
        self._recorder = _Memory(self._run, self._filter, self._phases)

    def _filter(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            self._tell(JobEpoch(job=self._job, metrics={name: getattr(event, name) for name in JOB_METRICS}))

    def _finish(self, outcome: Outcome) -> None:
        self._recorder.end(**self._summary("stopped" if outcome == "stopped" else "finished", outcome))

    def ended(self, model: Path | None, keep_from: float) -> JobEnded:
        """The event to end with, once the model is written where it is good enough. Raises OSError."""
        kept, summary = self._recorder.kept, self._run.summary
        accuracy = kept.validation_accuracy if kept else None
        is_written = model is not None and kept is not None and accuracy is not None and accuracy >= keep_from
        if is_written:
            assert model is not None and kept is not None
            save_model(model, kept)
        return JobEnded(
            job=self._job,
            reason=summary.reason or "stopped",
            epochs=summary.epochs,
            best_epoch=summary.best_epoch,
            validation_accuracy=accuracy,
            validation_loss=kept.validation_loss if kept else None,
            seconds=summary.seconds,
            model=str(model) if is_written else None,
        )


def train_job(
    command: TrainJob, dataset: Dataset, backend: Backend, control: Control, emit: Callable[[Event], None]
) -> JobEnded | JobFailed:
    """Trains a job to its end, and writes its model; its last event, which is still to be sent."""
    try:
        trainer = JobTrainer(command.job, from_plain(command.hyperparameters), dataset, backend, control, emit)
        trainer.train()
        return trainer.ended(Path(command.model) if command.model else None, command.keep_from)
    except Exception as error:
        return job_failed(command.job, error)


def job_failed(job: int, error: Exception) -> JobFailed:
    """The last event of a job that ended with an exception, which goes to the log."""
    traceback.print_exception(error)
    failed = failure(error)
    return JobFailed(job=job, kind=failed.kind, message=failed.message)
