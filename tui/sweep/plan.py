"""What a sweep will do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.events import Ready
from engine.sweep.executors import unfit
from engine.sweep.request import DEFAULT_TRIALS, Request
from tui import formats
from tui.sweep.draft import SweepDraft, label
from tui.sweep.time_left import seed_runs

SAMPLERS = {
    "tpe": "by what the trials before gave (TPE)",
    "cmaes": "by what the trials before gave (CMA-ES)",
    "qmc": "evenly spread (QMC)",
    "random": "at random",
}
PRUNERS = {"median": "ended early, where below the median", "halving": "ended early, by successive halving", "off": "trained to their end"}


@dataclass(frozen=True)
class Step:
    """A section, as ``Sections`` shows it."""

    title: str
    rows: Sequence[tuple[str, str]]


def plan(draft: SweepDraft, base: str, ready: Ready | None, dataset: str) -> list[Step]:
    """``base`` is what the Train form's values are called. Nothing while the draft is wrong."""
    request = draft.request
    if request is None:
        return []
    device = formats.device(ready.device) if ready is not None else "not ready"
    name = str(ready.dataset["name"]) if ready is not None else dataset
    steps = [
        Step(f"1  Train {_budget(request)}", [("suggested", SAMPLERS[request.sampler or "tpe"]), ("hopeless ones", PRUNERS[draft.pruner])]),
        Step("Each with another", [(label(key), draft.text(key).replace("|", " | ")) for key in draft.varied]),
        Step("All with the same", [("form of Train", base), ("data set", name), ("device", device), ("executor", request.executor)]),
        _finals(request),
    ]
    notes = list(draft.notes)
    if ready is not None and (problem := unfit(request.executor, ready.device)):
        notes.insert(0, f"It will fail: {problem}.")
    return [*steps, Step("Note", [("", note) for note in notes])] if notes else steps


def _budget(request: Request) -> str:
    minutes = formats.minutes(request.minutes) if request.minutes is not None else ""
    if request.trials is None and minutes:
        return f"networks for {minutes}"
    count = formats.count(request.trials or DEFAULT_TRIALS, "network")
    return f"{count}, for at most {minutes}" if minutes else count


def _finals(request: Request) -> Step:
    if not request.seeds:
        return Step("2  Test the best", [("the winner", "has the highest validation accuracy, and is tested once")])
    again = formats.count(seed_runs(request.top, request.seeds, request.trials), "training")
    best = request.top if request.trials is None else min(request.top, request.trials)
    return Step(
        f"2  Train the best{f' {best}' if best > 1 else ''} again",
        [
            ("each with", f"{formats.count(request.seeds, 'fresh seed')}: {again}, to their end"),
            ("so that", "a lucky seed does not win"),
            ("the winner", "has the highest mean, and is tested once"),
        ],
    )
