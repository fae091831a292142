"""The place of the charts: of the run in hand, before those that it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from tui.client import WorkerClient

if TYPE_CHECKING:
    from tui.widgets.run_charts import RunCharts


class ChartsPane(Vertical):
    """Empty until it is furnished, and deaf to what it is asked: plotext would delay the first paint."""

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(id="charts")
        self._client = client
        self._charts: RunCharts | None = None

    async def furnish(self) -> None:
        from tui.widgets.run_charts import RunCharts

        self._charts = RunCharts()
        await self.mount(self._charts)

    def show(self) -> None:
        """Draws the curves. Runs that are to be seen beside the run in hand take the place of those before it."""
        if self._charts is not None:
            overlaid = self._client.overlaid
            self._charts.show(self._client.run, () if overlaid else self._client.earlier, overlaid)

    @property
    def has_epochs(self) -> bool:
        return self._charts is not None and self._charts.has_epochs

    @property
    def has_cursor(self) -> bool:
        """Whether the values of an epoch are read."""
        return self._charts is not None and self._charts.cursor is not None

    @property
    def takes_cursor_keys(self) -> bool:
        return self._charts is not None and (self.has_cursor or self._charts.has_focus)

    def zoom(self) -> None:
        if self._charts is not None:
            self._charts.zoom()

    def toggle_log_scale(self) -> None:
        if self._charts is not None:
            self._charts.toggle_log_scale()

    def toggle_cursor(self) -> None:
        if self._charts is not None:
            self._charts.toggle_cursor()
            self._charts.focus()

    def move_cursor(self, by: int) -> None:
        if self._charts is not None:
            self._charts.move_cursor(by)

    def remove_cursor(self) -> None:
        if self._charts is not None:
            self._charts.point_at(None)
