"""The part of a sweep that tries hyperparameters."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.events import Event
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.names import trial_model
from engine.sweep.dispatcher import Task
from engine.sweep.error import SweepError
from engine.sweep.events import Best, TrialEnded, TrialEpoch, TrialStarted
from engine.sweep.executor import Ended
from engine.sweep.results import Row, top
from engine.sweep.study import Study

HOPELESS = 5
"""Trials that fail, none completed, after which the sweep gives up."""


class Search:
    """Trials up to ``trials``, or until ``seconds`` of search are over, ``before`` of which earlier parts have taken."""

    def __init__(
        self,
        study: Study,
        base: Hyperparameters,
        directory: Path,
        emit: Callable[[Event], None],
        trials: int | None,
        seconds: float | None,
        before: float,
        models: int,
    ) -> None:
        self._study, self._base, self._directory, self._emit = study, base, directory, emit
        self._trials, self._limit, self._before, self._models = trials, seconds, before, models
        self._begun = time.monotonic()
        self._pruned: set[int] = set()
        self._failures = 0
        best = study.best
        self._best = best.trial if best else None
        self.forget_models()

    @property
    def seconds(self) -> float:
        """Of all parts of the sweep, up to now."""
        return self._before + time.monotonic() - self._begun

    @property
    def is_out_of_time(self) -> bool:
        return self._limit is not None and self.seconds >= self._limit

    @property
    def is_done(self) -> bool:
        if self._study.has_waiting:
            return False
        return self.is_out_of_time or (self._trials is not None and len(self._study.rows) >= self._trials)

    def next(self) -> Task | None:
        while not self.is_done:
            suggestion = self._study.suggest()
            try:
                hyperparameters = self._study.hyperparameters(suggestion.trial, self._base)
            except HyperparameterError as error:
                self._fail(suggestion.trial, str(error))
                continue
            return Task(suggestion.trial, hyperparameters, self.model(suggestion.trial), self._bar)
        return None

    def began(self, task: Task, worker: str) -> None:
        self._study.begin_again(task.trial)
        row = self._study.rows[task.trial]
        self._emit(TrialStarted(trial=task.trial, parameters=row.parameters, worker=worker, attempt=task.losses + 1))

    def epoch(self, task: Task, metrics: dict[str, Any]) -> bool:
        is_hopeless = self._study.report(task.trial, metrics) and metrics["epoch"] < task.hyperparameters.training.epochs
        self._emit(TrialEpoch(trial=task.trial, **metrics))
        if is_hopeless:
            self._pruned.add(task.trial)
        return not is_hopeless

    def ended(self, task: Task, ended: Ended) -> None:
        if task.trial in self._pruned:
            self._study.prune(task.trial)
        else:
            self._study.complete(task.trial, ended)
        self._tell(task.trial)
        self.forget_models()

    def failed(self, task: Task, reason: str) -> None:
        if task.trial in self._pruned:
            self._study.prune(task.trial)
            self._tell(task.trial)
        else:
            self._fail(task.trial, reason)

    def _fail(self, trial: int, reason: str) -> None:
        self._study.fail(trial, reason)
        self._tell(trial)
        self._failures += 1
        if self._failures >= HOPELESS and all(row.state == "failed" for row in self._study.finished):
            raise SweepError(f"the first {HOPELESS} trials have all failed, the last one because {reason}", "Vary something else.")

    def _tell(self, trial: int) -> None:
        self._emit(TrialEnded(trial=trial, row=self._study.rows[trial].plain()))
        best = self._study.best
        if best is not None and best.trial != self._best and best.value is not None:
            self._best = best.trial
            model = self.model(best.trial)
            self._emit(Best(trial=best.trial, value=best.value, parameters=best.parameters, model=str(model) if model.exists() else None))

    def model(self, trial: int) -> Path:
        """Where a trial's model is, if it is kept."""
        return trial_model(self._directory, trial)

    @property
    def _kept(self) -> list[Row]:
        """The trials whose models are kept."""
        return top(self._study.rows.values(), self._models)

    @property
    def _bar(self) -> float:
        kept = self._kept
        return kept[-1].value or 0.0 if len(kept) == self._models else -1.0

    def forget_models(self) -> None:
        """Removes the models of all but the best trials, and of those that are running."""
        kept = {row.trial for row in self._kept}
        for model in self._directory.glob("trial-*.safetensors"):
            row = self._study.rows.get(_number(model))
            if row is None or not (row.trial in kept or row.state == "running"):
                with contextlib.suppress(FileNotFoundError):
                    model.unlink()


def _number(model: Path) -> int:
    """The trial of a model's file; -1 for a name that is none of ours."""
    digits = model.stem.removeprefix("trial-")
    return int(digits) if digits.isdecimal() else -1
