"""How long a sweep will still take: the rest of its trials, and the trainings of the best with fresh seeds. Knows no widgets."""

from __future__ import annotations

from statistics import fmean

from engine.sweep import results
from engine.sweep.results import ENDED
from tui.sweep.view import SweepPhase, SweepView


def seconds_left(sweep: SweepView) -> float | None:
    """At the pace of this part of the sweep; None while there is nothing to judge it by."""
    if sweep.is_paused:
        return None
    if sweep.phase is SweepPhase.SEEDS:
        return _left_of_seeds(sweep)
    search = _left_of_search(sweep)
    again, each = expected_seed_runs(sweep), _seconds_a_seed_run(sweep)
    if search is None or (again and each is None):
        return None
    return search + again * (each or 0.0)


def seed_runs(top: int, seeds: int, trials: int | None) -> int:
    """How many trainings with fresh seeds come after the trials, if none fails."""
    return seeds * (top if trials is None else min(top, trials))


def expected_seed_runs(sweep: SweepView) -> int:
    """Those of a sweep."""
    return seed_runs(sweep.top, sweep.seeds, sweep.started.trials if sweep.started is not None else None)


def _ended_here(sweep: SweepView) -> list[int]:
    """The trials that have ended in this part of the sweep."""
    assert sweep.started is not None
    before = sum(row["state"] in ENDED for row in sweep.started.rows)
    return [trial for trial, _ in sweep.history[before:]]


def _left_of_search(sweep: SweepView) -> float | None:
    """By the number of trials, by the time that they have, or by what of both is nearer."""
    assert sweep.started is not None
    trials, minutes, done = sweep.started.trials, sweep.started.minutes, len(_ended_here(sweep))
    found = [sweep.searched / done * (trials - sweep.ended)] if trials is not None and done else []
    if minutes is not None:
        found.append(60 * minutes - sweep.searched)
    return max(0.0, min(found)) if found else None


def _seconds_a_seed_run(sweep: SweepView) -> float | None:
    """What training one of the best again adds to the sweep's time, judged by the best so far: of several at once, a part of its own."""
    trained = sum(sweep.rows[trial].seconds for trial in _ended_here(sweep))
    best = results.top(sweep.rows.values(), sweep.top)
    return sweep.searched / trained * fmean(row.seconds for row in best) if trained and best else None


def _left_of_seeds(sweep: SweepView) -> float | None:
    """By those that are done, once each worker had one; before, by the trials."""
    done, passed = len(sweep.seed_runs), sweep.seconds - sweep.searched
    each = passed / done if done >= max(1, len(sweep.workers)) else _seconds_a_seed_run(sweep)
    if each is None:
        return None
    left = each * (done + sweep.seeds_wanted - sweep.seeds_done) - passed
    return left if left > 0 else None
