"""The trials of a sweep: suggested and pruned in memory, where that takes no time, and written to the study file as they go."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.sweep import samplers
from engine.sweep.executor import Ended
from engine.sweep.quiet import quiet
from engine.sweep.results import ENDED, EPOCHS, OUTCOME, Row, epoch_of_value, row_of, top
from engine.sweep.space import Space, distributions, values
from engine.sweep.study_file import StudyFile

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

CMA_ES_NOTES = "cma"
"""What this sampler puts down is a pickle, which has no place in a file; it goes on from the trials themselves instead."""


@dataclass(frozen=True)
class Suggestion:
    """A trial to train."""

    trial: int
    parameters: dict[str, Any]
    """What varies, by dotted key."""


class Study:
    """All trials. ``rows`` shows them, by number. Raises SweepError where the study file fails."""

    def __init__(self, file: StudyFile, spaces: Mapping[str, Space], sampler: str, pruner: str, seed: int) -> None:
        with quiet():
            import optuna
            from optuna.storages import InMemoryStorage

            before = file.trials
            self._file, self._spaces, self._distributions = file, spaces, distributions(spaces)
            self._storage = InMemoryStorage()
            self._study = optuna.create_study(
                storage=self._storage,
                study_name="memory",
                direction="maximize",
                sampler=samplers.sampler(sampler, seed, before),
                pruner=samplers.pruner(pruner),
            )
            self._id = self._storage.get_study_id_from_name("memory")
            self._notes = _without_pickles(file.notes())
            for name, value in self._notes.items():
                self._storage.set_study_system_attr(self._id, name, value)
            self._running: dict[int, optuna.Trial] = {}
            self._metrics: dict[int, list[dict[str, Any]]] = {}
            self._left: deque[int] = deque()
            self.rows: dict[int, Row] = {}
            for trial in before:
                self._take_up(trial)

    def _take_up(self, trial: FrozenTrial) -> None:
        """A trial of the study file. One that was not ended is to be trained again."""
        import optuna
        from optuna.trial import TrialState, create_trial

        row = self.rows[trial.number] = row_of(trial, self._spaces)
        if trial.state.is_finished():
            trial.system_attrs = _without_pickles(trial.system_attrs)
            self._storage.create_new_trial(self._id, template_trial=trial)
            return
        again = create_trial(state=TrialState.RUNNING, params=trial.params, distributions=trial.distributions)
        self._running[trial.number] = optuna.Trial(self._study, self._storage.create_new_trial(self._id, template_trial=again))
        self.rows[trial.number] = Row(row.trial, "waiting", row.parameters)
        self._left.append(trial.number)

    @property
    def finished(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state in ENDED]

    @property
    def has_waiting(self) -> bool:
        """Whether a trial of before is still to be trained."""
        return bool(self._left)

    @property
    def complete_trials(self) -> int:
        return sum(row.state == "complete" for row in self.rows.values())

    @property
    def best(self) -> Row | None:
        return next(iter(top(self.rows.values(), 1)), None)

    def suggest(self) -> Suggestion:
        """The next trial, now running: one that is waiting, or a new one."""
        if self._left:
            number = self._left.popleft()
            trial = self._running[number]
        else:
            with quiet():
                trial = self._study.ask(self._distributions)
            number = trial.number
            self._running[number] = trial
            self._mirror_notes()
        self._metrics[number] = []
        self._file.begin(self._storage.get_trial(trial._trial_id))
        self.rows[number] = Row(number, "running", values(self._spaces, trial.params))
        return Suggestion(number, self.rows[number].parameters)

    def _mirror_notes(self) -> None:
        """Keeps what a sampler has put down about the whole study: how far a sequence has got."""
        for name, value in _without_pickles(self._storage.get_study_system_attrs(self._id)).items():
            if self._notes.get(name) != value:
                self._notes[name] = value
                self._file.set_note(name, value)

    def report(self, number: int, metrics: Mapping[str, Any]) -> bool:
        """Takes note of an epoch, once; True where the trial is to be pruned."""
        trial, epochs = self._running[number], self._metrics[number]
        value = metrics["validation_accuracy"]
        if metrics["epoch"] != len(epochs) + 1 or value is None:
            return False
        epochs.append(dict(metrics))
        row = self.rows[number]
        self.rows[number] = Row(number, "running", row.parameters, value, (*row.curve, value))
        self._file.report(number, metrics["epoch"], value)
        with quiet():  # an attempt that was lost may have reported the same
            trial.report(value, metrics["epoch"])
            return trial.should_prune()

    def begin_again(self, number: int) -> None:
        """Forgets what a lost attempt has reported."""
        self._metrics[number] = []
        self.rows[number] = Row(number, "running", self.rows[number].parameters)

    def complete(self, number: int, ended: Ended) -> None:
        """Ends a trial with the value of the epoch that training keeps."""
        value = ended.validation_accuracy
        if value is None or not math.isfinite(value):
            self.fail(number, "it ended without a validation accuracy")
            return
        self._end(number, "complete", value, ended.reason, ended)

    def prune(self, number: int) -> None:
        """Ends a trial that is to be pruned, with the last value that it reported."""
        self._end(number, "pruned", self.rows[number].value, "pruned", None)

    def fail(self, number: int, reason: str) -> None:
        self._end(number, "failed", None, reason, None)

    def put_back(self) -> None:
        """Marks the trials that are going on as waiting, for another day."""
        for number, row in self.rows.items():
            if row.state == "running":
                self._file.put_back(number)
                self.rows[number] = Row(number, "waiting", row.parameters)

    def importance(self) -> dict[str, float]:
        """What decides whether a trial is among the best tenth of the completed ones, by PED-ANOVA (Watanabe et al., 2023): shares by
        dotted key, the most important first. Empty with too few trials to tell.
        """
        if self.complete_trials < samplers.STARTUP_TRIALS or len(self._spaces) < 2:
            return {}
        with quiet():
            from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

            return get_param_importances(self._study, evaluator=PedAnovaImportanceEvaluator())

    def hyperparameters(self, number: int, base: Hyperparameters) -> Hyperparameters:
        """All hyperparameters of a trial. Raises HyperparameterError where they do not go together."""
        return configuration.replace(base, self.rows[number].parameters)

    def _end(
        self, number: int, state: Literal["complete", "pruned", "failed"], value: float | None, reason: str, ended: Ended | None
    ) -> None:
        from optuna.trial import TrialState

        names: dict[str, Literal["COMPLETE", "PRUNED", "FAIL"]] = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}
        epochs = self._metrics.pop(number, [])
        trial = self._running.pop(number)
        curve = [epoch["validation_accuracy"] for epoch in epochs]
        outcome: dict[str, Any] = {"reason": reason, "seconds": sum(epoch["seconds"] for epoch in epochs)}
        if ended is not None:
            outcome |= {"best_epoch": ended.best_epoch, "validation_loss": ended.validation_loss, "seconds": ended.seconds}
        notes = _without_pickles(self._storage.get_trial(trial._trial_id).system_attrs)
        self._file.end(number, names[state], value, {EPOCHS: epochs, OUTCOME: outcome}, notes)
        with quiet():
            self._study.tell(number, value if state == "complete" else None, TrialState[names[state]])
        row = self.rows[number]
        self.rows[number] = Row(
            trial=number,
            state=state,
            parameters=row.parameters,
            value=value,
            curve=tuple(curve),
            best_epoch=epoch_of_value(state, outcome, len(curve)),
            validation_loss=outcome.get("validation_loss"),
            seconds=outcome["seconds"],
            reason=reason,
        )


def _without_pickles(notes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: note for name, note in notes.items() if not name.startswith(CMA_ES_NOTES)}
