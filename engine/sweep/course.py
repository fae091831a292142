"""The course of a sweep whose study is open: trials, importance, the best again with fresh seeds, the winner's test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from dataset import Dataset
from engine.events import Event
from engine.hyperparameters.configuration import to_toml
from engine.model import DatasetFacts
from engine.storage.files import atomic_write
from engine.sweep.dispatcher import Dispatcher
from engine.sweep.error import SweepError
from engine.sweep.events import Importance, Seeds, SeedsStarted, SweepFinished, SweepStarted, TrialEnded
from engine.sweep.executor import Executor
from engine.sweep.executors.launcher import Launcher
from engine.sweep.final import SeedRuns, fresh_seeds, with_test_accuracies
from engine.sweep.request import Request, Settings
from engine.sweep.results import BUDGET, RESULT, SECONDS, Row, best_first, ranking, top
from engine.sweep.samplers import STARTUP_TRIALS
from engine.sweep.search import Search
from engine.sweep.study import Study
from engine.sweep.study_file import StudyFile

CONFIG_FILE = "best.toml"
WORKERS_LOG = "workers.log"
METHOD = "PED-ANOVA"
GROWTH = 1.1
"""How many times as many trials are completed when the importance of hyperparameters, which takes 10 ms, is told again."""


class Sweep:
    """One sweep, once."""

    def __init__(
        self,
        request: Request,
        settings: Settings,
        dataset: Dataset,
        file: StudyFile,
        inbox: SimpleQueue[Any],
        emit: Callable[[Event], None],
    ) -> None:
        self._request, self._settings, self._dataset, self._file = request, settings, dataset, file
        self._inbox, self._emit = inbox, emit
        self._base = settings.base
        self._directory = file.path.with_suffix("")
        self._directory.mkdir(exist_ok=True)
        self._study = Study(file, settings.spaces, settings.sampler, settings.pruner, settings.seed)
        self._importance_at: float = STARTUP_TRIALS
        """Completed trials."""
        self._trials, self._minutes = request.budget(file.attribute(BUDGET))
        file.set_attribute(BUDGET, [self._trials, self._minutes])
        self._search = Search(
            self._study,
            self._base,
            self._directory,
            self._tell,
            trials=self._trials,
            seconds=None if self._minutes is None else 60 * self._minutes,
            before=file.attribute(SECONDS) or 0.0,
            models=request.top,
        )

    def run(self, notes: list[str]) -> SweepFinished:
        """To the end, or until a person stops it. Raises SweepError, ModelFileError and OSError."""
        self._emit(self._started(notes))
        executor = self._executor()
        dispatcher = Dispatcher(executor, self._inbox, self._tell)
        try:
            is_whole = dispatcher.run(self._search)
            self._file.set_attribute(SECONDS, self._search.seconds)
            finished = self._conclude(dispatcher) if is_whole else None
        finally:
            executor.close()
            with contextlib.suppress(SweepError):  # they are taken up again in any case
                self._study.put_back()
        if finished is None:
            finished = self._finished("stopped")
        self._emit(finished)
        return finished

    def _tell(self, event: Event) -> None:
        if isinstance(event, TrialEnded) and self._minutes is not None:
            self._file.set_attribute(SECONDS, self._search.seconds)
        self._emit(event)
        if isinstance(event, TrialEnded) and (complete := self._study.complete_trials) >= self._importance_at:
            self._importance_at = GROWTH * complete
            self._emit(importance(self._study))

    def _started(self, notes: list[str]) -> SweepStarted:
        return SweepStarted(
            **self._settings.told,
            sweep=self._file.path.stem,
            study=str(self._file.path),
            directory=str(self._directory),
            executor=self._request.executor,
            trials=self._trials,
            minutes=self._minutes,
            rows=[row.plain() for row in self._study.rows.values()],
            notes=notes,
        )

    def _executor(self) -> Executor:
        facts, log = DatasetFacts.of(self._dataset), self._directory / WORKERS_LOG
        if self._request.executor == "dask":
            from engine.sweep.executors.cluster import Cluster

            assert self._request.cluster is not None
            return Cluster(self._inbox.put, self._request.cluster, self._request.device, facts, self._request.jobs)
        launcher = Launcher(self._inbox.put, facts, log, self._request.worker)
        if self._request.executor == "population":
            from engine.sweep.executors.population import Populations

            return Populations(launcher, self._request.device, self._request.jobs, self._request.top)
        from engine.sweep.executors.processes import Processes

        most = max(self._trials, self._request.top * self._request.seeds) if self._trials is not None else None
        return Processes(launcher, self._request.device, self._request.jobs, most=most)

    def _conclude(self, dispatcher: Dispatcher) -> SweepFinished | None:
        """The end of a sweep whose trials are all done; None where a person stops it."""
        self._emit(importance(self._study))
        reason = "minutes" if self._search.is_out_of_time and len(self._study.rows) != self._trials else "trials"
        best = top(self._study.rows.values(), self._request.top)
        if not best:
            return self._finished(reason)
        if not self._request.seeds:
            entry: dict[str, Any] = {"trial": best[0].trial, "mean": best[0].value, "deviation": None, "values": [], "failed": 0}
            model = self._search.model(best[0].trial)
            return self._won(reason, {**entry, "parameters": best[0].parameters}, [model] if model.exists() else [])
        return self._conclude_with_seeds(dispatcher, reason, best)

    def _conclude_with_seeds(self, dispatcher: Dispatcher, reason: str, best: list[Row]) -> SweepFinished | None:
        trials = {row.trial: self._study.hyperparameters(row.trial, self._base) for row in best}
        runs = SeedRuns(self._file, trials, fresh_seeds(self._base, self._request.seeds), self._directory, self._tell)
        if not runs.is_done:
            self._emit(SeedsStarted(total=runs.total))
        if not dispatcher.run(runs):
            return None
        ranked = ranking(runs.runs, self._study.rows)
        runs.want_models(ranked[0]["trial"])
        if not dispatcher.run(runs):
            return None
        self._emit(Seeds(ranking=ranked))
        return self._won(reason, ranked[0], runs.keep_models(ranked[0]["trial"]))

    def _won(self, reason: str, entry: dict[str, Any], models: list[Path]) -> SweepFinished:
        """Tests the winner, unless that was done before, and writes its hyperparameters."""
        before = self._file.attribute(RESULT) or {}
        if entry.items() <= before.items():
            winner = before
        else:
            winner = with_test_accuracies(entry, models, self._dataset)
            self._file.set_attribute(RESULT, winner)
        config = self._directory / CONFIG_FILE
        atomic_write(config, to_toml(self._study.hyperparameters(entry["trial"], self._base)))
        return self._finished(reason, winner, config, models)

    def _finished(
        self, reason: str, winner: dict[str, Any] | None = None, config: Path | None = None, models: list[Path] | None = None
    ) -> SweepFinished:
        return SweepFinished(
            reason=reason,
            rows=[row.plain() for row in best_first(self._study.rows.values())],
            winner=winner,
            config=str(config) if config else None,
            models=[str(model) for model in models or []],
            seconds=self._file.attribute(SECONDS),
        )


def importance(study: Study) -> Importance:
    """What the trials so far say of it."""
    return Importance(method=METHOD, trials=study.complete_trials, values=study.importance())
