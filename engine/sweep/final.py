"""The part of a sweep that trains the best again, with fresh seeds, so that a lucky seed does not win; and the winner's test."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dataset import Dataset
from engine.evaluation import evaluate
from engine.events import Event
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.model_file import load_model
from engine.sweep.dispatcher import Task
from engine.sweep.events import SeedEnded
from engine.sweep.executor import Ended
from engine.sweep.results import SEED_RUNS, SeedRun
from engine.sweep.study_file import StudyFile


def fresh_seeds(base: Hyperparameters, count: int) -> list[int]:
    """Seeds other than the one that the trials had."""
    return [base.training.seed_after(number) for number in range(1, count + 1)]


class SeedRuns:
    """Each of ``trials`` with each of ``seeds``. What is done is in the study file, and not done again: ``runs`` holds all of these."""

    def __init__(
        self,
        file: StudyFile,
        trials: dict[int, Hyperparameters],
        seeds: Sequence[int],
        directory: Path,
        emit: Callable[[Event], None],
    ) -> None:
        self._file, self._directory, self._emit = file, directory, emit
        self._all = [SeedRun(**plain) for plain in file.attribute(SEED_RUNS) or []]
        self._wanted = [(trial, seed) for trial in trials for seed in seeds]
        self._hyperparameters = trials
        known = {(run.trial, run.seed) for run in self._all}
        self._left = [pair for pair in self._wanted if pair not in known]

    @property
    def runs(self) -> list[SeedRun]:
        found = {(run.trial, run.seed): run for run in self._all}
        return [found[pair] for pair in self._wanted if pair in found]

    def want_models(self, trial: int) -> None:
        """Trains again what has no model any more."""
        self._left = [
            (run.trial, run.seed) for run in self.runs if run.trial == trial and run.value is not None and not self.model(run).exists()
        ]

    def model(self, run: SeedRun) -> Path:
        return self._directory / f"seed-{run.trial}-{run.seed}.safetensors"

    @property
    def total(self) -> int:
        """How many trainings there are in all."""
        return len(self._wanted)

    @property
    def is_done(self) -> bool:
        return not self._left

    def next(self) -> Task | None:
        if not self._left:
            return None
        trial, seed = self._left.pop(0)
        hyperparameters = configuration.replace(self._hyperparameters[trial], {"training.seed": seed})
        return Task(trial, hyperparameters, self.model(SeedRun(trial, seed, None)), seed=seed)

    def began(self, task: Task, worker: str) -> None:
        pass

    def epoch(self, task: Task, metrics: dict[str, Any]) -> bool:
        return True

    def ended(self, task: Task, ended: Ended) -> None:
        self._note(task, ended.validation_accuracy, "" if ended.validation_accuracy is not None else "it has no validation accuracy")

    def failed(self, task: Task, reason: str) -> None:
        self._note(task, None, reason)

    def _note(self, task: Task, value: float | None, reason: str) -> None:
        assert task.seed is not None
        run = SeedRun(task.trial, task.seed, value, reason)
        self._all = [other for other in self._all if (other.trial, other.seed) != (run.trial, run.seed)] + [run]
        self._file.set_attribute(SEED_RUNS, [asdict(each) for each in self._all])
        done = len(self.runs)
        self._emit(SeedEnded(trial=run.trial, seed=run.seed, value=value, reason=reason, done=done, total=self.total))

    def keep_models(self, trial: int) -> list[Path]:
        """Removes the models of all other trials; those of this one."""
        kept = [self.model(run) for run in self.runs if run.trial == trial and run.value is not None]
        for path in self._directory.glob("seed-*.safetensors"):
            if path not in kept:
                path.unlink(missing_ok=True)
        return kept


def with_test_accuracies(entry: dict[str, Any], models: Sequence[Path], dataset: Dataset) -> dict[str, Any]:
    """An entry of the ranking with what its models make of the test digits. Raises ModelFileError."""
    accuracies = []
    for path in models:
        model = load_model(path)
        accuracies.append(evaluate(model.outputs(dataset.test.images), dataset.test.labels, model.network.loss).accuracy)
    return {
        **entry,
        "test_mean": statistics.fmean(accuracies) if accuracies else None,
        "test_deviation": statistics.stdev(accuracies) if len(accuracies) > 1 else None,
        "test_values": accuracies,
    }
