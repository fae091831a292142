"""The run under the cursor: what the table has no room for, and its curve."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui import formats
from tui.runs.columns import device, kept_epoch, parameters, started
from tui.widgets.chart import Series
from tui.widgets.learning_curves import accuracy_chart, points
from tui.wording import in_one_line

if TYPE_CHECKING:
    from engine.events import Changed, EpochEnded
    from engine.runs.summary import Summary

REST = 0.12
"""Seconds that the cursor stays before more of the run is read."""


class RunDetail(Horizontal):
    def __init__(self) -> None:
        super().__init__()
        self._text = Static()
        self._changes: tuple[Changed, ...] = ()
        """In the run that is shown, while it trained; nothing before they are read."""
        self._chart = accuracy_chart("no epochs yet")
        self._shown: Summary | None = None
        self._wanted: tuple[str, int] | None = None
        """The run whose curve is wanted, and its epochs."""
        self.is_up_to_date = True
        """Whether the curve that is wanted is drawn."""

    def compose(self) -> ComposeResult:
        yield self._text
        yield self._chart

    def show(self, run: Summary | None, hyperparameters: Mapping[str, Any]) -> None:
        if run == self._shown:
            return
        if run is None or self._shown is None or run.path != self._shown.path:
            self._changes = ()
        self._shown = run
        self.display = run is not None
        if run is None:
            return
        self._tell(run, hyperparameters)
        self._tell_changes(run, hyperparameters)
        self._draw_if_visible()

    def _tell(self, run: Summary, hyperparameters: Mapping[str, Any]) -> None:
        self._text.update(_text(run, hyperparameters, self._changes), layout=False)

    @work(exclusive=True, group="changes")
    async def _tell_changes(self, run: Summary, hyperparameters: Mapping[str, Any]) -> None:
        await asyncio.sleep(REST)
        changes = await asyncio.to_thread(_read_changes, Path(run.path))
        if changes != self._changes:
            self._changes = changes
            self._tell(run, hyperparameters)

    def on_resize(self) -> None:
        """There may be room for the curve now."""
        self._draw_if_visible()

    def _draw_if_visible(self) -> None:
        run = self._shown
        if run is not None and self._chart.display and self._wanted != (run.path, run.epochs):
            self._wanted, self.is_up_to_date = (run.path, run.epochs), False
            self._draw(run.path)

    @work(exclusive=True, group="curve")
    async def _draw(self, path: str) -> None:
        await asyncio.sleep(REST)
        epochs = await asyncio.to_thread(_epochs, Path(path))
        self._chart.show(
            [
                Series("train", points(epochs, "accuracy", "train"), "train", "━"),
                Series("validation", points(epochs, "accuracy", "validation"), "validation", "•", dotted=True),
            ]
        )
        self.is_up_to_date = True


def _epochs(path: Path) -> Sequence[EpochEnded]:
    """None where they cannot be read: the comparison says why."""
    from engine.runs.error import RunError
    from engine.runs.metrics import read_metrics

    try:
        return read_metrics(path)
    except (RunError, OSError):
        return ()


def _read_changes(path: Path) -> tuple[Changed, ...]:
    """None where they cannot be read."""
    from engine.runs.history import read_changes

    try:
        return read_changes(path)
    except OSError:
        return ()


def _text(run: Summary, hyperparameters: Mapping[str, Any], changes: Sequence[Changed]) -> Content:
    facts = (
        run.dataset and in_one_line(run.dataset),
        device(run),
        in_one_line(str(run.plan.get("name", ""))),
        parameters(run, " parameters") if run.parameters else "",
        f"kept epoch {kept_epoch(run)}" if run.best_epoch else "",
        formats.size(run.bytes),
        started(run),
    )
    reason = run.problem or (run.reason if run.state == "failed" else None)
    parts = [
        Content.styled(in_one_line(reason), "$text-error") if reason else None,
        Content.assemble(("Note: ", "$foreground-muted"), (in_one_line(run.note), "$text-accent")) if run.note else None,
        Content.styled(" · ".join(filter(None, facts)), "$foreground"),
        _changes(hyperparameters, changes),
        _differences(run, hyperparameters),
        Content.styled(formats.early_stopping(in_one_line(run.explanation)), "$foreground-muted") if run.explanation else None,
    ]
    return Content("\n").join([part for part in parts if part is not None])


def _differences(run: Summary, hyperparameters: Mapping[str, Any]) -> Content:
    """Between what it began with and its preset."""
    from engine.hyperparameters.configuration import flatten
    from engine.presets import PRESETS
    from tui.form.draft import told

    preset = PRESETS.get(run.preset or "default", PRESETS["default"])
    base = {key: told(value) for key, value in flatten(preset.hyperparameters).items()}
    changed = [f"{key} = {in_one_line(text)}" for key, value in hyperparameters.items() if (text := told(value)) != base.get(key)]
    if not hyperparameters:
        return Content.styled("Its hyperparameters cannot be read.", "$text-error")
    if not changed:
        return Content.styled(f"As the preset {preset.name}", "$foreground-muted")
    return Content.assemble((f"Other than {preset.name}: ", "$foreground-muted"), (", ".join(changed), "$foreground"))


def _changes(hyperparameters: Mapping[str, Any], changes: Sequence[Changed]) -> Content | None:
    from engine.runs.live_changes import described_all
    from tui.form.draft import shown

    if told := described_all(hyperparameters, changes, shown):
        return Content.assemble(("Changed while it trained: ", "$foreground-muted"), (in_one_line(told), "$foreground"))
    return None
