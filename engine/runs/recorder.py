"""Writes a run's files while it is trained, and tells of each. A file that cannot be written becomes a hint: training is worth more."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from engine.checkpoint import Checkpoint, save_checkpoint
from engine.evaluation import Evaluation
from engine.events import CheckpointWritten, EpochEnded, Evaluated, Event, Hint, Snapshot
from engine.model import Model
from engine.model_file import load_model, save_model
from engine.runs.phases import Phase, Phases
from engine.runs.run import Run
from engine.storage.tensor_file import ModelFileError

TRAINING_TO_SAVING = 60
LONGEST_WAIT = 60.0
"""Seconds after which something is done again, unless that took more than ``MOST_SAVING`` of the time."""
MOST_SAVING = 0.05


class Pace:
    """How often to do something between epochs: so seldom that training gets ``TRAINING_TO_SAVING`` times as long as it takes, but every
    ``LONGEST_WAIT`` seconds, or as often as ``MOST_SAVING`` of the time allows.
    """

    def __init__(self) -> None:
        self._lately: deque[float] = deque([0.0], maxlen=2)
        """The seconds that it took the last times: the shorter counts, for a process may be stopped meanwhile, or its machine sleep."""
        self._done_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        seconds = min(self._lately)
        wait = min(TRAINING_TO_SAVING * seconds, max(LONGEST_WAIT, seconds / MOST_SAVING))
        return time.monotonic() - self._done_at >= wait

    def took(self, seconds: float) -> None:
        """Takes note that it has just been done, and for how long."""
        self._lately.append(seconds)
        self._done_at = time.monotonic()


class Recorder:
    """Writes the files of one run. ``emit`` gets an event for each that was written, or a hint for one that could not be."""

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
        """Whether it is time to save the epoch that has just ended. A process that is killed loses the epochs since it saved last."""
        return self._saving.is_due

    @property
    def may_hold(self) -> bool:
        """Whether it is time to read the parameters of a better epoch back from the device, only to ``hold`` them."""
        return self._holding.is_due

    def saved(self, seconds: float) -> None:
        """Takes note of what saving an epoch took, reading the state back included."""
        self._saving.took(seconds)

    def held(self, seconds: float) -> None:
        """Takes note of what reading a model back and holding it took."""
        self._holding.took(seconds)

    def load_kept(self, networks: int) -> Model:
        """Takes up the model file that the run wrote before it was resumed: the first ``networks`` of its networks. Raises ModelFileError,
        also where it has not so many.
        """
        stored = load_model(self._run.model_path)
        found = self._networks_written = len(stored.networks)
        if found < networks:
            raise ModelFileError(f"{self._run.model_path} holds {found} of the {networks} networks that the run has trained so far")
        self.kept = stored.of(stored.networks[:networks]) if networks < found else stored
        return self.kept

    def keep(self, model: Model) -> None:
        """Makes this the run's model, until there is a better one, and writes it."""
        self.hold(model)
        self.write_kept()

    def hold(self, model: Model) -> None:
        """Makes this the run's model, but only in memory: ``write_kept`` writes it later."""
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
        """Writes a checkpoint. A checkpoint of a later member of an ensemble relies on the model file for the members before it: where that
        cannot be written, neither is the checkpoint, and the last one stays, from which those members can be trained again.
        """
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
            best_member=len(kept.networks) if kept else 1,
            best_member_epoch=(kept.networks[-1].own_epoch or 0) if kept else 0,
            validation_accuracy=kept.known_validation_accuracy if kept else None,
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
