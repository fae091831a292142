"""How much each hyperparameter decides, the most important first, each with a bar and its share."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from engine.sweep.events import Importance
from tui import formats
from tui.sweep.draft import label
from tui.widgets.bars import bar

TOO_FEW = "Known once ten trials are completed, where two hyperparameters vary or more."
SHARE = 5
"""Columns of a share in per cent."""


class ImportanceBars(Static):
    DEFAULT_CSS = """
    ImportanceBars {
        height: auto;
        padding: 0 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shares: Mapping[str, float] = {}
        self.border_title = "Importance"

    def show(self, importance: Importance | None) -> None:
        self._shares = importance.values if importance is not None else {}
        self.border_title = f"Importance ({importance.method})" if importance is not None else "Importance"
        self.border_subtitle = f"of {importance.trials} completed trials" if importance is not None and importance.values else ""
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self._shares:
            self.update(Content.styled(TOO_FEW, "$foreground-muted"))
            return
        names = max(len(label(key)) for key in self._shares)
        room = max(0, self.content_size.width - names - SHARE - 2)
        self.update(Content("\n").join([_line(f"{label(key):{names}} ", share, room) for key, share in self._shares.items()]))


def _line(name: str, share: float, room: int) -> Content:
    return Content.assemble(name, (bar(share, room).ljust(room), "$primary"), (f" {formats.percent(share, 0):>4}", "bold"))
