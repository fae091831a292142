"""What a sweep says on a terminal: a line a trial, how far it is, and tables at the end."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any

import click

from engine.events import Event
from engine.hyperparameters.configuration import format_value
from engine.sweep import events
from engine.sweep.results import ENDED
from tui import formats
from tui.commandline.live_lines import LiveLines
from tui.commandline.output import table
from tui.runs.resume_command import sweep_command

MOST_ROWS = 20
"""Of the table of trials."""
MOST_NAMED = 8
"""Running trials that the status names."""
STATUS_SECONDS = 0.1


class SweepReporter(LiveLines):
    """With tables at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._started: events.SweepStarted | None = None
        self._ended = 0
        self._running: dict[int, int] = {}
        """The epoch of each trial that is going on."""
        self._best: float | None = None
        self._status_at = 0.0
        self._begun = time.monotonic()
        self._importance: events.Importance | None = None
        self._rankings: list[dict[str, Any]] = []
        self.had_a_worker = False

    @property
    def how_to_resume(self) -> str:
        return "digits-tui sweep" if self._started is None else sweep_command(self._started.study)

    def report(self, event: Event) -> None:
        match event:
            case events.SweepStarted():
                self._start(event)
            case events.WorkerReady():
                self.had_a_worker = True
                self.note(f"Worker {event.worker}: {formats.device(event.device)}")
            case events.WorkerLost():
                self.note(f"Worker {event.worker} is lost: {event.message}")
            case events.TrialStarted():
                self._running[event.trial] = 0
            case events.TrialEpoch():
                self._running[event.trial] = event.epoch
            case events.TrialEnded():
                self._running.pop(event.trial, None)
                self._ended += 1
                self.line(trial_line(event.row))
            case events.Best():
                self._best = event.value
            case events.Importance():
                self._importance = event
            case events.SeedEnded():
                value = formats.percent(event.value) if event.value is not None else event.reason
                self.line(f"Trial {event.trial} with seed {event.seed}: {value}  ({event.done} of {event.total})")
            case events.Seeds():
                self._rankings = event.ranking
            case events.SweepFinished():
                self._finish(event)
        if not isinstance(event, events.SweepFinished):
            self._show_status()

    def _start(self, event: events.SweepStarted) -> None:
        self._started = event
        self._ended = len([row for row in event.rows if row["state"] in ENDED])
        values = [row["value"] for row in event.rows if row["state"] == "complete"]
        self._best = max(values, default=None)
        self.line(f"Sweep {event.sweep} on {event.dataset['name']}: {event.sampler}, pruner {event.pruner}, seed {event.seed}")
        for key, space in event.space.items():
            self.line(f"  {key} = {space}")
        if self._ended:
            done = "1 trial is" if self._ended == 1 else f"{self._ended} trials are"
            self.line(f"{done} done already; the best has {formats.percent(self._best)}")
        for note in event.notes:
            self.note(note)

    def _finish(self, event: events.SweepFinished) -> None:
        self.clear()
        if event.rows:
            click.echo(f"\n{trial_table(event.rows[:MOST_ROWS])}")
        if len(event.rows) > MOST_ROWS:
            click.echo(f"and {len(event.rows) - MOST_ROWS} more")
        if self._importance is not None and self._importance.values:
            click.echo(f"\nImportance ({self._importance.method}, of {self._importance.trials} completed trials):")
            for key, share in self._importance.values.items():
                click.echo(f"  {formats.percent(share, 0):>4}  {key}")
        if self._rankings:
            click.echo(f"\nWith fresh seeds, by validation accuracy:\n{seed_table(self._rankings)}")
        if event.winner is None:
            return
        winner = event.winner
        click.echo(f"\nWinner: trial {winner['trial']}  {assignments(winner['parameters'])}")
        if winner["test_mean"] is not None:
            click.echo(f"Test accuracy: {formats.spread(winner['test_mean'], winner['test_deviation'])}")
        if event.config is not None:
            click.echo(f"Train it with: digits-tui train --config {shlex.quote(event.config)}")

    def _show_status(self) -> None:
        now = time.monotonic()
        if not self._is_live or self._started is None or now < self._status_at + STATUS_SECONDS:
            return
        self._status_at = now
        total = f"/{self._started.trials}" if self._started.trials is not None else ""
        running = ", ".join(f"{trial} (epoch {epoch})" for trial, epoch in self._running.items())
        if len(self._running) > MOST_NAMED:
            running = f"{len(self._running)} trials, epoch {max(self._running.values())}"
        clock = formats.clock(now - self._begun)
        self.status(f"{self._ended}{total} trials  {clock}  best {formats.percent(self._best)}  running: {running or 'none'}")


def trial_line(row: Mapping[str, Any]) -> str:
    """``[12] complete 96.20%  epoch 7 of 9    3.2 s  learning_rate.initial=0.0043``, or why it failed."""
    what = f"{row['state']:8} {formats.percent(row['value']):>7}"
    if row["state"] == "failed":
        return f"[{row['trial']:>3}] {what}  {row['reason']}  {assignments(row['parameters'])}"
    epochs = f"epoch {row['best_epoch']:>2} of {len(row['curve']):>2}"
    return f"[{row['trial']:>3}] {what}  {epochs}  {formats.seconds(row['seconds'])}  {assignments(row['parameters'])}"


def assignments(parameters: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={shown(value)}" for key, value in parameters.items())


def shown(value: Any) -> str:
    """A value in four digits."""
    return f"{value:.4g}" if isinstance(value, float) else format_value(value).strip('"')


def trial_table(rows: Sequence[Mapping[str, Any]]) -> str:
    keys = list(rows[0]["parameters"])
    head = ("trial", "state", "accuracy", "epoch", "seconds", *keys)
    return table(
        [
            head,
            *(
                (
                    str(row["trial"]),
                    row["state"],
                    formats.percent(row["value"]),
                    f"{row['best_epoch']}/{len(row['curve'])}",
                    formats.bare_seconds(row["seconds"]),
                    *(shown(row["parameters"].get(key, "")) for key in keys),
                )
                for row in rows
            ),
        ]
    )


def seed_table(ranking: Sequence[Mapping[str, Any]]) -> str:
    head = ("trial", "mean", "each")
    rows = [
        (
            str(entry["trial"]),
            formats.spread(entry["mean"], entry["deviation"]),
            " ".join([*map(formats.percent, entry["values"]), *["failed"] * entry["failed"]]),
        )
        for entry in ranking
    ]
    return table([head, *rows])
