"""Writes a run's files while it is trained, and tells of each. A file that cannot be written becomes a hint: training is worth more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from engine.checkpoint import Checkpoint, Model, ModelFileError, load_model, save_checkpoint, save_model
from engine.evaluation import Evaluation
from engine.events import CheckpointWritten, EpochEnded, Evaluated, Event, Hint, Snapshot
from engine.phases import Phase, Phases
from engine.runs import Run

TRAINING_TO_SAVING = 60
LONGEST_WAIT = 60.0
"""Seconds, however long it takes."""


class Pace:
    """Of something between epochs: done so seldom that ``TRAINING_TO_SAVING`` times as long is left to training."""

    def __init__(self) -> None:
        self._seconds, self._done_at = 0.0, time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._done_at >= min(TRAINING_TO_SAVING * self._seconds, LONGEST_WAIT)

    def took(self, seconds: float) -> None:
        self._seconds, self._done_at = seconds, time.monotonic()


class Recorder:
    """The files of one run. ``emit`` is told of them."""

    def __init__(self, run: Run, emit: Callable[[Event], None], phases: Phases) -> None:
        self._run = run
        self._emit = emit
        self._phases = phases
        self.kept: Model | None = None
        """The model to keep so far; in memory too, so that a full disk cannot lose it."""
        self._is_written = True
        self._networks_written = 0
        """How many networks the run's model file holds."""
        self._saving, self._holding, self._summing_up = Pace(), Pace(), Pace()

    @property
    def is_due(self) -> bool:
        """Whether to save now; epochs that are over sooner are lost with a process that is killed."""
        return self._saving.is_due

    @property
    def may_hold(self) -> bool:
        """Whether to read a model back that is not written yet."""
        return self._holding.is_due

    def saved(self, seconds: float) -> None:
        """Takes note of what saving an epoch took, reading the state back included."""
        self._saving.took(seconds)

    def held(self, seconds: float) -> None:
        """Takes note of what reading a model back and holding it took."""
        self._holding.took(seconds)

    def load_kept(self, networks: int) -> Model:
        """Takes up the model that the run kept before, or of an ensemble that many networks. Raises ModelFileError, also where it has not
        so many.
        """
        stored = load_model(self._run.model_path)
        found = self._networks_written = len(stored.networks)
        if found < networks:
            raise ModelFileError(f"{self._run.model_path} holds {found} of the {networks} networks that the run has trained so far")
        self.kept = stored.of(stored.networks[:networks]) if networks < found else stored
        return self.kept

    def keep(self, model: Model) -> None:
        """Makes this the run's model, for the time being."""
        self.hold(model)
        self.write_kept()

    def hold(self, model: Model) -> None:
        """As ``keep``; it is written later, by ``write_kept``."""
        self.kept, self._is_written = model, False

    def write_kept(self) -> None:
        """Writes the run's model, where it is not written yet."""
        model = self.kept
        if model is None or self._is_written:
            return
        if self._written("model", lambda: save_model(self._run.model_path, model)):
            self._is_written, self._networks_written = True, len(model.networks)
            self._emit(Snapshot(path=str(self._run.model_path), epoch=model.epoch))

    def snapshot(self, model: Model) -> None:
        """Writes parameters for live predictions only."""
        if self._written("snapshot", lambda: save_model(self._run.snapshot_path, model)):
            self._emit(Snapshot(path=str(self._run.snapshot_path), epoch=model.epoch))

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """Writes it, unless the members trained before would then be lost: the last checkpoint leads to them again."""
        if self._networks_written < checkpoint.member:
            self.write_kept()
        if self._networks_written < checkpoint.member:
            return
        if self._written("checkpoint", lambda: self._save_checkpoint(checkpoint)):
            self._emit(CheckpointWritten(path=str(self._run.checkpoint_path), epoch=checkpoint.epoch))

    def _save_checkpoint(self, checkpoint: Checkpoint) -> None:
        self._run.sync_metrics()  # those of the epochs that it goes on from
        save_checkpoint(self._run.path, checkpoint)

    def epoch(self, epochs: Sequence[EpochEnded]) -> None:
        """Writes the metrics of all epochs so far, and tells of the last."""
        self._written("metrics", lambda: self._run.write_metrics(epochs))
        self._emit(epochs[-1])

    def running(self, **summary: Any) -> None:
        """Takes note of the summary of a run that goes on, and writes it where it is time for it."""
        self._change_summary(summary)
        if self._summing_up.is_due:
            began = time.monotonic()
            self._written("summary", self._run.write_summary)
            self._summing_up.took(time.monotonic() - began)

    def end(self, **summary: Any) -> None:
        """Writes the summary of a run that ends. Raises OSError."""
        self._change_summary(summary)
        self._run.write_summary()

    def test(self, model: Model, evaluation: Evaluation) -> None:
        """Writes the kept model with what it made of the test digits. Raises OSError: nothing is left to go on with."""
        self.kept = model
        with self._phases.within(Phase.SAVING):
            save_model(self._run.model_path, model)
        self._emit(Evaluated(model=str(self._run.model_path), part="test", evaluation=evaluation.plain()))

    def _change_summary(self, values: dict[str, Any]) -> None:
        kept = self.kept
        self._run.change_summary(
            best_epoch=kept.epoch if kept else 0,
            validation_accuracy=kept.validation_accuracy if kept else None,
            test_accuracy=kept.test_accuracy if kept else None,
            test_loss=kept.test_loss if kept else None,
            **values,
        )

    def _written(self, what: str, write: Callable[[], object]) -> bool:
        try:
            with self._phases.within(Phase.SAVING):
                write()
        except OSError as error:
            message = f"the {what} could not be written: {error.strerror or error}; training goes on without it"
            self._emit(Hint(kind="file", message=message))
            return False
        return True
