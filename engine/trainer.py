"""Hyperparameters, data and a backend become a trained model, and events on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from dataset import Dataset
from engine import network
from engine.backend import NOTHING, Backend, TrainingState
from engine.checkpoint import Checkpoint
from engine.data.part_sizes import part_sizes
from engine.data.preprocessing import seen_dataset
from engine.events import Changed, Compiling, EpochEnded, Event, Finished, Hint, Paused, Resumed, Started, Stopped
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts, Model
from engine.runs.history import read_history
from engine.runs.metrics import read_metrics
from engine.runs.phases import Phase, Phases
from engine.runs.recorder import Recorder
from engine.runs.resumption import device_note
from engine.runs.run import Run
from engine.runs.summary import State
from engine.storage.tensor_file import ModelFileError
from engine.training.committee import Committee
from engine.training.control import Control
from engine.training.divergence_error import DivergenceError
from engine.training.ensemble import member_events
from engine.training.member_course import MemberCourse
from engine.training.unfinished_epoch import UnfinishedEpoch

CHUNK_SECONDS = 0.1
"""How long the trainer leaves the control unread."""
PROGRESS_SECONDS = 0.2
PAUSE_SECONDS = 0.2
FIRST_CHUNK = 8
"""Steps, before any was timed."""

Outcome = Literal["early_stopping", "epochs", "stopped", "interrupted"]


class Trainer:
    """One run on one backend, whose data set is loaded: of one network, or of the members of an ensemble one after another.
    ``checkpoint`` is where to go on from; its hyperparameters and its plan then count. ``plan`` is the backend's choice where it is None.
    """

    def __init__(
        self,
        hyperparameters: Hyperparameters,
        dataset: Dataset,
        backend: Backend,
        run: Run,
        control: Control,
        emit: Callable[[Event], None],
        checkpoint: Checkpoint | None = None,
        plan: Mapping[str, Any] | None = None,
    ) -> None:
        self._plan = plan
        self._hyperparameters = hyperparameters if checkpoint is None else checkpoint.hyperparameters
        self._dataset, self._facts = dataset, DatasetFacts.of(dataset)
        self._backend, self._run, self._control, self._emit, self._checkpoint = backend, run, control, emit, checkpoint
        self._network = self._facts.network(self._hyperparameters)
        self._training_count, self._validation_count = part_sizes(self._hyperparameters, dataset)
        index, before = (0, 0) if checkpoint is None else (checkpoint.member, checkpoint.epochs_before)
        self._course = MemberCourse(self._hyperparameters, self._training_count, index, before)
        self._committee = Committee(backend, dataset, self._training_count)
        self._epochs: list[EpochEnded] = []
        self._phases = Phases(run.summary.phases)
        self._recorder = Recorder(run, emit, self._phases)
        self._is_saved = True
        """Whether the last epoch is."""
        self._chunk = FIRST_CHUNK
        self._progress_at = -math.inf

    def train(self) -> Outcome:
        """Trains to the end, or to what the control asks for, and evaluates the model to keep on the test digits.

        After ``interrupted`` a checkpoint has been written and nothing was evaluated. Raises DivergenceError, DeviceError,
        HyperparameterError, ModelFileError, RunError and OSError; the model to keep so far is then on the disk, and the checkpoint that
        was written last.
        """
        with self._phases.within(Phase.PREPARING):
            self._prepare()
        try:
            outcome = self._train_members()
        except Exception:
            self._recorder.write_kept()
            raise
        if outcome == "interrupted":
            self._recorder.end(**self._summary("interrupted"))
        else:
            self._finish(outcome)
        return outcome

    def _prepare(self) -> None:
        before = self._checkpoint
        plan = self._plan
        if before is not None:
            plan = before.plan if self._backend.device.is_same(before.device) else None
        self._load()
        kernels = self._backend.kernels_to_compile(self._network, self._hyperparameters, plan)
        if kernels:
            self._emit(Compiling(kernels=kernels))
        self._backend.prepare(self._network, self._hyperparameters, plan)
        if before is None:
            self._draw_parameters()
        else:
            self._restore(before)
        self._emit(
            Started(
                run=str(self._run.path),
                hyperparameters=configuration.plain(self._hyperparameters),
                parameters=self._network.parameter_count,
                device=self._backend.device.plain(),
                plan=self._backend.plan,
                dataset=self._facts.model_dump(mode="json"),
                epochs=self._course.most_epochs,
                steps=self._course.steps_an_epoch,
                first_epoch=self._course.epochs + 1,
                members=self._hyperparameters.ensemble.members,
            )
        )
        if before is not None:
            if note := device_note(before.device, self._backend.device):
                self._emit(Hint(kind="device", message=note))
            for event in member_events(self._hyperparameters, self._committee.finished):
                self._emit(event)
        self._recorder.running(**self._summary("running"))
        if before is None:
            self._write_checkpoint(self._finite_state(1))

    def _load(self) -> None:
        """Brings the digits to the device as the network that is trained next sees them."""
        self._backend.load(seen_dataset(self._dataset, self._course.hyperparameters.preprocessing.deskew))

    def _draw_parameters(self) -> None:
        values = self._course.hyperparameters
        initial = network.initial_parameters(self._network, values.network.initializer, values.training.seed)
        self._backend.set_state(TrainingState.untrained(initial, bool(values.training.averaging)))

    def _restore(self, checkpoint: Checkpoint) -> None:
        course = self._course
        if checkpoint.step > course.steps_an_epoch or checkpoint.epoch > self._hyperparameters.training.epochs:
            raise ModelFileError(f"the checkpoint of {self._run.name} is beyond the end of its run")
        course.restore(checkpoint, read_history(self._run.path, self._hyperparameters))
        self._backend.set_state(checkpoint.state)
        self._epochs = [epoch for epoch in read_metrics(self._run.path) if epoch.epoch <= course.epochs]
        is_best = course.is_best and not checkpoint.step
        if course.index or (course.best_epoch and not is_best):
            kept = self._recorder.load_kept(course.index + (1 if course.best_epoch and not is_best else 0))
            self._committee.finished = kept.networks[: course.index]
        if is_best:
            accuracy, loss = checkpoint.validation[-1]
            self._recorder.keep(self._model(checkpoint.state, course.epochs, accuracy, loss))

    def _train_members(self) -> Outcome:
        while True:
            outcome = self._train_epochs()
            if self._course.outcome is None or self._course.is_last:
                return outcome
            self._end_member()
            if self._control.stopping:
                return "stopped"
            self._begin_member()

    def _begin_member(self) -> None:
        before = self._course
        self._course = MemberCourse(self._hyperparameters, self._training_count, before.index + 1, before.epochs)
        with self._phases.within(Phase.PREPARING):
            if self._course.hyperparameters.preprocessing != before.hyperparameters.preprocessing:
                self._load()
                self._backend.prepare(self._network, self._hyperparameters, self._backend.plan)
            self._draw_parameters()

    def _end_member(self) -> None:
        """Makes the network that is trained to its end one of the finished members."""
        assert self._recorder.kept is not None
        with self._phases.within(Phase.TEST):
            kept, _ = self._committee.test(self._recorder.kept)
        self._committee.finished = kept.networks
        self._recorder.keep(kept)
        self._emit(member_events(self._hyperparameters, kept.networks)[-1])

    def _train_epochs(self) -> Outcome:
        while True:
            if self._course.outcome is not None:
                return self._course.outcome
            if self._control.stopping:
                if not self._is_saved:  # it ended just before the stop came
                    self._save_epoch(self._finite_state(self._course.epochs))
                return "stopped"
            epoch = self._next_epoch()
            if not self._train_epoch(epoch):
                return "interrupted" if self._control.interrupted else "stopped"
            self._end_epoch(epoch)

    def _next_epoch(self) -> UnfinishedEpoch:
        self._backend.set_order(self._course.order())
        self._backend.reset_tally()
        return self._course.next_epoch()

    def _train_epoch(self, epoch: UnfinishedEpoch) -> bool:
        """Trains the steps still to do; False where the control wants to end at once."""
        while epoch.done < len(epoch.steps):
            self._obey(epoch)
            if self._control.aborting:
                if self._control.interrupted or not self._is_saved:
                    self._recorder.write_kept()
                    self._write_checkpoint(self._finite_state(epoch.number), epoch)
                return False
            self._train_chunk(epoch)
        return True

    def _train_chunk(self, epoch: UnfinishedEpoch) -> None:
        chunk = epoch.steps[epoch.done : epoch.done + self._chunk]
        begin = time.perf_counter()
        with self._phases.within(Phase.TRAINING):
            self._backend.train(chunk)
            epoch.tally = epoch.before + self._backend.tally()
        now = time.perf_counter()
        epoch.done += len(chunk)
        epoch.seconds += now - begin
        self._chunk = max(1, min(round(len(chunk) * CHUNK_SECONDS / max(now - begin, 1e-6)), 4 * self._chunk))
        if not math.isfinite(epoch.tally.loss):
            raise self._diverged(f"the training loss is no longer a finite number in epoch {epoch.number}, by step {epoch.done}")
        if now - self._progress_at >= PROGRESS_SECONDS:
            self._progress_at = now
            self._emit(self._course.progress(epoch))

    def _obey(self, epoch: UnfinishedEpoch) -> None:
        """Does what the control asks for between two chunks, and waits through a pause."""
        self._change_and_show(epoch)
        if not self._control.paused:
            return
        self._emit(Paused(epoch=epoch.number, step=epoch.done))
        while self._control.paused:
            with self._phases.within(Phase.PAUSED):
                self._control.wait(PAUSE_SECONDS)
            self._change_and_show(epoch)
        if not self._control.aborting:
            self._emit(Resumed(epoch=epoch.number, step=epoch.done))

    def _change_and_show(self, epoch: UnfinishedEpoch) -> None:
        before = self._hyperparameters.augmentation
        for key, value in self._control.take_changes():
            self._hyperparameters = configuration.replace_live(self._hyperparameters, key, value)
            self._course.change(self._hyperparameters, key, epoch)
            self._emit(Changed(key=key, value=value, epoch=epoch.number, step=epoch.done))
        if self._hyperparameters.augmentation != before:
            self._prepare_again(epoch, keep_plan=self._hyperparameters.augmentation.is_on == before.is_on)
        if self._control.take_snapshot():
            self._recorder.snapshot(self._model(self._backend.state(), epoch.number, None, None))

    def _prepare_again(self, epoch: UnfinishedEpoch, keep_plan: bool) -> None:
        """Goes on with a backend that is made for other hyperparameters: buffers and kernels may depend on them."""
        state = self._backend.state()
        with self._phases.within(Phase.PREPARING):
            self._backend.prepare(self._network, self._hyperparameters, self._backend.plan if keep_plan else None)
        self._backend.set_state(state)
        self._backend.set_order(self._course.order())
        self._backend.reset_tally()
        epoch.before = epoch.tally

    def _end_epoch(self, epoch: UnfinishedEpoch) -> None:
        accuracy, loss = self._validate(epoch)
        self._course.end_epoch(accuracy, loss)
        is_last = self._course.outcome is not None or self._control.stopping
        saves, began = is_last or self._recorder.is_due, time.monotonic()
        # Without a validation part every epoch is better than the one before; to read each of them back may take long.
        may_hold = self._validation_count > 0 or self._recorder.may_hold or self._course.schedule.finished == 1
        holds = self._course.is_best and may_hold
        state = self._finite_state(epoch.number) if saves or holds else None
        ended = EpochEnded(
            epoch=epoch.number,
            learning_rate=math.fsum(epoch.rates) / len(epoch.rates),
            train_loss=epoch.tally.mean_loss,
            train_accuracy=epoch.tally.accuracy,
            validation_loss=loss,
            validation_accuracy=accuracy,
            seconds=epoch.seconds,
            samples_per_second=epoch.samples_per_second,
            best_epoch=self._course.best_epoch,
            member=self._course.index + 1,
            phases=self._phases.seconds(),
        )
        self._epochs.append(ended)
        self._recorder.epoch(self._epochs)
        if state is not None and saves:
            self._save_epoch(state)
            self._recorder.saved(time.monotonic() - began)
        elif state is not None:
            self._recorder.hold(self._model(state, epoch.number, accuracy, loss))
            self._recorder.held(time.monotonic() - began)
        self._is_saved = saves
        self._recorder.running(**self._summary("running"))

    def _save_epoch(self, state: TrainingState) -> None:
        """Saves the last finished epoch, whose state it is."""
        if not self._course.is_best:
            self._recorder.write_kept()
        self._write_checkpoint(state)
        model = self._model(state, self._course.epochs, *self._course.validation[-1])
        if self._course.is_best:
            self._recorder.keep(model)
        else:
            self._recorder.snapshot(model)

    def _validate(self, epoch: UnfinishedEpoch) -> tuple[float | None, float | None]:
        """Validation accuracy and loss, or None without a validation part."""
        if not self._validation_count:
            return None, None
        with self._phases.within(Phase.VALIDATION):
            validation = self._backend.evaluate(self._training_count, self._validation_count)
        if not math.isfinite(validation.loss):
            raise self._diverged(f"the validation loss is not a finite number after epoch {epoch.number}")
        return validation.accuracy, validation.mean_loss

    def _model(self, state: TrainingState, epoch: int, accuracy: float | None, loss: float | None) -> Model:
        newest = Model(
            self._hyperparameters, self._network, state.evaluated, self._facts, epoch, loss, accuracy, own_epoch=epoch - self._course.before
        )
        return self._committee.model(newest)

    def _finite_state(self, epoch: int) -> TrainingState:
        """The state in or after an epoch, which is what may be saved. Raises DivergenceError where it holds a number that is not finite."""
        with self._phases.within(Phase.SAVING):
            state = self._backend.state()
        if not all(np.isfinite(part).all() for part in vars(state).values() if part is not None):
            raise self._diverged(f"a parameter is no longer a finite number in epoch {epoch}")
        return state

    def _write_checkpoint(self, state: TrainingState, epoch: UnfinishedEpoch | None = None) -> None:
        """The state after the finished epochs, or after the steps so far of an unfinished ``epoch``."""
        self._recorder.checkpoint(
            Checkpoint(
                hyperparameters=self._hyperparameters,
                dataset=self._facts,
                device=self._backend.device,
                plan=self._backend.plan,
                state=state,
                epoch=self._course.schedule.finished,
                step=epoch.done if epoch else 0,
                rate=self._course.schedule.rate,
                validation=tuple(self._course.validation),
                partial=epoch.tally if epoch else NOTHING,
                partial_seconds=epoch.seconds if epoch else 0.0,
                member=self._course.index,
                epochs_before=self._course.before,
            )
        )

    def _diverged(self, what: str) -> DivergenceError:
        return DivergenceError(what, self._recorder.kept, self._hyperparameters)

    def _finish(self, outcome: Outcome) -> None:
        """Evaluates the kept model on the test digits, on the device, and says how the run ended."""
        kept = self._recorder.kept
        if kept is not None:
            with self._phases.within(Phase.TEST):
                kept, evaluation = self._committee.test(kept)
            self._recorder.test(kept, evaluation)
            if self._hyperparameters.ensemble.members > 1 and len(kept.networks) > len(self._committee.finished):
                self._emit(member_events(self._hyperparameters, kept.networks)[-1])
        self._recorder.end(**self._summary("stopped" if outcome == "stopped" else "finished", outcome))
        summary = self._run.summary
        for kind in (Stopped, Finished) if outcome == "stopped" else (Finished,):
            self._emit(
                kind(
                    reason=outcome,
                    explanation=summary.explanation,
                    epochs=summary.epochs,
                    best_epoch=summary.best_epoch,
                    test_accuracy=summary.test_accuracy,
                    test_loss=summary.test_loss,
                    run=summary.path,
                    phases=summary.phases,
                )
            )

    def _summary(self, state: State, reason: str | None = None) -> dict[str, Any]:
        return {
            "state": state,
            "epochs": self._course.epochs,
            "reason": reason,
            "explanation": self._course.explanation if reason == "early_stopping" else "",
            "seconds": sum(epoch.seconds for epoch in self._epochs),
            "phases": self._phases.seconds(),
            "parameters": self._network.parameter_count,
            "validation_digits": self._validation_count,
            "test_digits": len(self._dataset.test),
            **self._facts.summary,
            "device": self._backend.device.plain(),
            "plan": self._backend.plan,
        }
