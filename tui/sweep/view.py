"""A sweep as the screen sees it, carried on from event to event. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.events import Event
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.names import trial_model
from engine.sweep import events
from engine.sweep.results import ENDED, Row, SeedRun, best_first, ranking


class SweepPhase(StrEnum):
    """Where a sweep is, in the words that are shown."""

    STARTING = "starting"
    OPENING = "opening"
    SEARCHING = "searching"
    SEEDS = "training the best again with fresh seeds"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in (SweepPhase.STOPPED, SweepPhase.FINISHED, SweepPhase.FAILED)


@dataclass
class Worker:
    device: dict[str, Any]
    trials: set[int] = field(default_factory=set)
    """Those that it trains."""
    loss: str = ""
    """How it was lost, where it was."""


class SweepView:
    """``version`` rises with every change, ``ended`` with every trial that ends: who draws compares them with what was drawn. The best
    ``top`` trials are to be trained again with ``seeds`` fresh seeds each.
    """

    def __init__(self, name: str, phase: SweepPhase, top: int = 0, seeds: int = 0) -> None:
        self.name, self.phase, self.top, self.seeds = name, phase, top, seeds
        self.version = 0
        self.is_paused = False
        self.started: events.SweepStarted | None = None
        self.rows: dict[int, Row] = {}
        self.workers: dict[str, Worker] = {}
        self.best: int | None = None
        """The trial with the highest value so far."""
        self.history: list[tuple[int, float | None]] = []
        """Trials in the order in which they ended, with the values of the completed ones."""
        self.importance: events.Importance | None = None
        self.seed_runs: list[SeedRun] = []
        self.seeds_wanted = self.seeds_done = 0
        """Of all parts of the sweep together."""
        self.finished: events.SweepFinished | None = None
        self.failure: events.SweepFailed | None = None
        self._ranking: list[dict[str, Any]] = []
        self._time: float | None = None
        """On the coordinator's clock."""
        self._searched: float | None = None

    def take_up(self, before: SweepView) -> None:
        """Shows what an earlier part of the sweep had, until its coordinator tells."""
        self.started, self.rows, self.history, self.best = before.started, dict(before.rows), list(before.history), before.best

    @property
    def is_over(self) -> bool:
        return self.phase.is_over

    @property
    def ended(self) -> int:
        return len(self.history)

    @property
    def seconds(self) -> float:
        """Of this part of the sweep, up to its last event."""
        return self._time - self.started.time if self.started is not None and self._time is not None else 0.0

    @property
    def searched(self) -> float:
        """Of these seconds, those before the best were trained again."""
        return self.seconds if self._searched is None else self._searched

    @property
    def keys(self) -> list[str]:
        """What varies."""
        return list(self.started.space) if self.started is not None else []

    @property
    def base(self) -> Hyperparameters | None:
        """What the trials have in common."""
        return configuration.from_plain(self.started.hyperparameters) if self.started is not None else None

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """As ``events.Seeds.ranking``, of as many fresh seeds as are trained."""
        if self._ranking:
            return self._ranking
        return ranking(self.seed_runs, self.rows)

    @property
    def winner(self) -> int | None:
        """The trial that has won, once that is known."""
        if self.finished is not None and self.finished.winner is not None:
            return int(self.finished.winner["trial"])
        return int(self._ranking[0]["trial"]) if self._ranking else None

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows.values())

    def hyperparameters(self, trial: int) -> Hyperparameters:
        """All hyperparameters of a trial. Raises HyperparameterError where they do not go together."""
        assert self.started is not None
        return configuration.replace(configuration.from_plain(self.started.hyperparameters), self.rows[trial].parameters)

    def model(self, trial: int) -> Path | None:
        """The model of a trial, where one is kept."""
        if self.started is None:
            return None
        kept = [trial_model(Path(self.started.directory), trial)]
        if self.finished is not None and self.winner == trial:
            kept += map(Path, self.finished.models)
        return next((path for path in kept if path.exists()), None)

    def take(self, event: Event) -> None:
        """Carries the sweep past an event of its coordinator."""
        self.version += 1
        self._time = event.time
        match event:
            case events.SweepStarted():
                self._start(event)
            case events.WorkerReady():
                self.workers[event.worker] = Worker(event.device)
            case events.WorkerLost():
                worker = self.workers.setdefault(event.worker, Worker({}))
                worker.loss, worker.trials = event.message, set()
            case events.TrialStarted():
                self.rows[event.trial] = Row(event.trial, "running", event.parameters)
                if event.worker in self.workers:
                    self.workers[event.worker].trials.add(event.trial)
            case events.TrialEpoch():
                row = self.rows[event.trial]
                self.rows[event.trial] = replace(
                    row, value=event.validation_accuracy, curve=(*row.curve, event.validation_accuracy), seconds=row.seconds + event.seconds
                )
            case events.TrialEnded():
                self._end(_row(event.row))
            case events.Best():
                self.best = event.trial
            case events.Importance():
                self.importance = event
            case events.Paused() | events.Resumed():
                self.is_paused = isinstance(event, events.Paused)
            case _:
                self._conclude(event)

    def _conclude(self, event: Event) -> None:
        """What comes after the last trial."""
        match event:
            case events.SeedsStarted():
                self.seeds_wanted, self._searched = event.total, self.seconds
                self.phase = SweepPhase.SEEDS if self.phase is SweepPhase.SEARCHING else self.phase
            case events.SeedEnded():
                self.seeds_done = event.done
                self.seed_runs.append(SeedRun(event.trial, event.seed, event.value, event.reason))
            case events.Seeds():
                self._ranking = event.ranking
            case events.SweepFinished():
                self.finished = event
                self.rows.update((row["trial"], _row(row)) for row in event.rows)
                self._let_go(SweepPhase.STOPPED if event.reason == "stopped" else SweepPhase.FINISHED)
            case events.SweepFailed():
                self.failure = event
                self._let_go(SweepPhase.FAILED)

    def _start(self, event: events.SweepStarted) -> None:
        self.started, self.name = event, event.sweep
        self.phase = self.phase if self.phase in (SweepPhase.STOPPING, SweepPhase.OPENING) else SweepPhase.SEARCHING
        self.rows, self.history = {row["trial"]: _row(row) for row in event.rows}, []
        for row in sorted(self.rows.values(), key=lambda row: row.trial):
            if row.state in ENDED:
                self.history.append((row.trial, row.value if row.state == "complete" else None))
        first = next(iter(best_first(self.rows.values())), None)
        self.best = first.trial if first is not None and first.state == "complete" else None

    def _end(self, row: Row) -> None:
        self.rows[row.trial] = row
        self.history.append((row.trial, row.value if row.state == "complete" else None))
        for worker in self.workers.values():
            worker.trials.discard(row.trial)

    def _let_go(self, phase: SweepPhase) -> None:
        """Nothing is trained any more; what was is taken up again when the sweep is gone on with."""
        self.phase, self.is_paused = phase, False
        for number, row in self.rows.items():
            if row.state == "running":
                self.rows[number] = Row(number, "waiting", row.parameters)
        self.workers = {name: worker for name, worker in self.workers.items() if not worker.loss}
        for worker in self.workers.values():
            worker.trials.clear()

    def lose(self) -> None:
        """The coordinator is gone."""
        self.version += 1
        self._let_go(SweepPhase.STOPPED)

    def become(self, phase: SweepPhase) -> None:
        self.version += 1
        self.phase = phase


def _row(plain: dict[str, Any]) -> Row:
    return Row(**{**plain, "curve": tuple(plain["curve"])})
