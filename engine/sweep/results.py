"""The trials of a sweep as tables show them."""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.sweep.space import Space, values

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

State = Literal["waiting", "running", "complete", "pruned", "failed"]
ENDED: tuple[State, ...] = ("complete", "pruned", "failed")
"""The states of trials that are over."""
EPOCHS, OUTCOME = "epochs", "outcome"
"""The user attributes of a trial in a study file."""
SETTINGS, BUDGET, SECONDS, SEED_RUNS, RESULT = "settings", "budget", "seconds", "seed runs", "result"
"""Those of the study."""


@dataclass(frozen=True)
class Row:
    """A trial. Values and accuracies are those of the validation part, fractions; ``parameters`` what varies, by dotted key."""

    trial: int
    state: State
    parameters: dict[str, Any]
    value: float | None = None
    """That of the epoch that training keeps; of a pruned trial, the last."""
    curve: tuple[float | None, ...] = ()
    """Validation accuracy after each epoch."""
    best_epoch: int = 0
    """The epoch that ``value`` is of, from 1; 0 where there is none."""
    validation_loss: float | None = None
    seconds: float = 0.0
    """Training alone."""
    reason: str = ""
    """Why it ended: early_stopping, epochs, pruned; or, failed, in words."""

    def plain(self) -> dict[str, Any]:
        """Fit for JSON."""
        return asdict(self)

    @property
    def epochs(self) -> int:
        return len(self.curve)


def row_of(trial: FrozenTrial, spaces: Mapping[str, Space]) -> Row:
    """A trial of a study file."""
    metrics = trial.user_attrs.get(EPOCHS, [])
    outcome = trial.user_attrs.get(OUTCOME, {})
    state = _state(trial.state.name)
    return Row(
        trial=trial.number,
        state=state,
        parameters=values(spaces, trial.params),
        value=trial.value,
        curve=tuple(epoch["validation_accuracy"] for epoch in metrics),
        best_epoch=epoch_of_value(state, outcome, len(metrics)),
        validation_loss=outcome.get("validation_loss"),
        seconds=outcome.get("seconds", 0.0),
        reason=outcome.get("reason", ""),
    )


def epoch_of_value(state: State, outcome: Mapping[str, Any], epochs: int) -> int:
    """The epoch that a trial's value is of: the one that training keeps, of a pruned trial the last."""
    kept: int = outcome.get("best_epoch", 0)
    return epochs if state == "pruned" else kept


def _state(name: str) -> State:
    states: dict[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}
    return states[name]


_PLACES: Mapping[State, int] = {"complete": 0, "pruned": 1, "failed": 2, "running": 3, "waiting": 4}


def _place(row: Row) -> tuple[float, ...]:
    value = -1.0 if row.value is None else row.value
    return _PLACES[row.state], -value, math.inf if row.validation_loss is None else row.validation_loss, row.trial


def best_first(rows: Iterable[Row]) -> list[Row]:
    """Completed trials by value, the best first and of equals the one with the lower loss; then pruned, failed and unfinished ones."""
    return sorted(rows, key=_place)


def top(rows: Iterable[Row], count: int) -> list[Row]:
    """The best completed trials, the best first."""
    return heapq.nsmallest(count, (row for row in rows if row.state == "complete"), key=_place)


@dataclass(frozen=True)
class SeedRun:
    """A trial's hyperparameters trained again with another seed. ``value`` is None where that failed, and ``reason`` then says why."""

    trial: int
    seed: int
    value: float | None
    reason: str = ""


def ranking(runs: Sequence[SeedRun], rows: Mapping[int, Row]) -> list[dict[str, Any]]:
    """The entries of ``events.Seeds.ranking``: by mean, those with a failed seed after those without."""
    entries = []
    for trial in dict.fromkeys(run.trial for run in runs):
        found = [run.value for run in runs if run.trial == trial]
        good = [value for value in found if value is not None]
        entries.append(
            {
                "trial": trial,
                "mean": statistics.fmean(good) if good else None,
                "deviation": statistics.stdev(good) if len(good) > 1 else None,
                "values": good,
                "failed": len(found) - len(good),
                "parameters": rows[trial].parameters,
            }
        )
    return sorted(entries, key=lambda entry: (entry["failed"], -(entry["mean"] or 0.0), entry["trial"]))
