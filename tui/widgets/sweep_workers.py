"""Who trains what; and after the search, how the best trials do with fresh seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content
from textual.widgets import Static

from tui import formats
from tui.sweep.view import SweepPhase, SweepView, Worker

MOST_WORKERS = 8
"""Lines of workers."""


class SweepWorkers(Static):
    DEFAULT_CSS = """
    SweepWorkers {
        height: auto;
        padding: 0 1;
    }
    """

    def show(self, sweep: SweepView) -> None:
        ranking = sweep.ranking
        if ranking or sweep.phase is SweepPhase.SEEDS:
            wanted = f", {len(sweep.seed_runs)} of {sweep.seeds_wanted}" if not sweep.is_over else ""
            self.border_title = f"The best with fresh seeds{wanted}"
            self.update(Content("\n").join(_ranked(sweep, ranking)))
        else:
            self.border_title = "Workers"
            self.update(Content("\n").join(_workers(sweep)))


def _workers(sweep: SweepView) -> list[Content]:
    if not sweep.workers:
        text = "None: the sweep is over." if sweep.is_over or sweep.phase is SweepPhase.OPENING else "They are being started."
        return [Content.styled(text, "$foreground-muted")]
    lines = [_worker(name, worker, sweep) for name, worker in sweep.workers.items()]
    rest = len(lines) - MOST_WORKERS
    return lines if rest <= 0 else [*lines[:MOST_WORKERS], Content.styled(f"and {rest} more", "$foreground-muted")]


def _worker(name: str, worker: Worker, sweep: SweepView) -> Content:
    device = formats.device(worker.device) if worker.device else ""
    if worker.loss:
        return Content.assemble((f"{name}  ", "bold"), (f"lost: {worker.loss}", "$text-error"))
    match len(worker.trials):
        case 0:
            task = "idle"
        case 1:
            [trial] = worker.trials
            task = f"trial {trial}, epoch {sweep.rows[trial].epochs + 1}"
        case many:
            task = f"{many} trials at once"
    place = name.rpartition("://")[2]
    return Content.assemble((f"{place}  ", "bold"), (device, "$text-success"), (f"  {task}", "$foreground-muted"))


def _ranked(sweep: SweepView, ranking: list[dict[str, Any]]) -> list[Content]:
    if not ranking:
        return [Content.styled("The best trials are trained again, so that a lucky seed does not win.", "$foreground-muted")]
    lines = [_entry(entry, entry["trial"] == sweep.winner) for entry in ranking]
    winner = sweep.finished.winner if sweep.finished is not None else None
    if winner is not None and winner["test_mean"] is not None:
        test = formats.spread(winner["test_mean"], winner["test_deviation"])
        lines.append(Content.assemble(("The winner's test accuracy: ", "$foreground-muted"), (test, "bold $text-success")))
    return lines


def _entry(entry: Mapping[str, Any], is_winner: bool) -> Content:
    style = "bold $text-accent" if is_winner else "$foreground"
    seeds = len(entry["values"])
    count = f"{seeds} seed{'s' if seeds != 1 else ''}" + (f", {entry['failed']} failed" if entry["failed"] else "")
    return Content.assemble(
        (f"{'★' if is_winner else ' '} trial {entry['trial']:<5}", style),
        (f"{formats.spread(entry['mean'], entry['deviation']):>15}", style),
        (f"  {count}", "$foreground-muted"),
    )
