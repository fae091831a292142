"""All there is to know of the trial under the cursor."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from engine.sweep.results import Row
from tui import formats
from tui.sweep.draft import label
from tui.sweep.trial_columns import brief

REASONS = formats.OWN_REASONS | {"pruned": "not promising"}
STATES = {"failed": "$text-error", "running": "$text-primary", "complete": "$text-success"}
TWO_COLUMNS = 70
"""Columns from which on there is room for values in two columns."""


class TrialDetails(Static):
    DEFAULT_CSS = """
    TrialDetails {
        height: auto;
        padding: 0 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Trial"
        self._row: Row | None = None
        self._is_kept = False

    def show(self, row: Row | None, mark: str, is_kept: bool, keys: Content) -> None:
        """A trial, what distinguishes it, whether its model is kept, and what can be done with it."""
        self._row, self._is_kept = row, is_kept
        self.border_title = f"Trial {row.trial}{f', {mark}' if mark else ''}" if row is not None else "Trial"
        self.border_subtitle = keys
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        row = self._row
        if row is None:
            self.update(Content.styled("No trial yet.", "$foreground-muted"))
            return
        self.update(Content("\n").join([self._ending(row), _value(row), *self._values(row)]))

    def _ending(self, row: Row) -> Content:
        reason = f": {REASONS.get(row.reason, row.reason)}" if row.reason else ""
        kept = "" if row.state != "complete" else "; model kept" if self._is_kept else "; model not kept"
        return Content.assemble((row.state, f"bold {STATES.get(row.state, '')}".strip()), (reason + kept, "$foreground-muted"))

    def _values(self, row: Row) -> list[Content]:
        names = max((len(label(key)) for key in row.parameters), default=0)
        values = [Content.assemble((f"{label(key):{names}}  ", "$foreground-muted"), brief(value)) for key, value in row.parameters.items()]
        if self.content_size.width < TWO_COLUMNS:
            return values
        half = -(-len(values) // 2)
        left, right = values[:half], [*values[half:], Content()]
        width = self.content_size.width // 2
        return [
            Content.assemble(first.pad_right(max(1, width - first.cell_length)), second) for first, second in zip(left, right, strict=False)
        ]


def _value(row: Row) -> Content:
    if row.value is None:
        return Content.styled("no accuracy" if row.state == "failed" else "no accuracy yet", "$foreground-muted")
    which = f" in epoch {row.best_epoch} of {row.epochs}" if row.best_epoch else f" after epoch {row.epochs}"
    loss = f", loss {formats.decimals(row.validation_loss)}" if row.validation_loss is not None else ""
    seconds = formats.seconds(row.seconds).strip()
    return Content.assemble((formats.percent(row.value), "bold"), (f"{which}{loss}, {seconds}", "$foreground-muted"))
