"""A line an epoch, in the published form; follows the newest unless scrolled away from it."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui import formats
from tui.run_view import RunView


class EpochLog(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {"epoch-log--speed", "epoch-log--best"}
    DEFAULT_CSS = """
    EpochLog {
        height: 1fr;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;

        .epoch-log--speed {
            color: $text-muted;
        }

        .epoch-log--best {
            color: $text-accent;
            text-style: bold;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._run: RunView | None = None
        self.border_title = "Epochs"

    def show(self, run: RunView) -> None:
        follows = self.is_vertical_scroll_end
        self._run = run
        self.virtual_size = Size(self.scrollable_content_region.width, len(run.epochs))
        self.refresh()
        if follows:
            self.scroll_end(animate=False)

    def render_line(self, y: int) -> Strip:
        number = y + round(self.scroll_y)
        run, width = self._run, self.size.width
        if run is None or number >= len(run.epochs):
            return Strip.blank(width, self.rich_style)
        epoch = run.epochs[number]
        best = epoch.epoch == run.best_epoch
        style = self.get_component_rich_style("epoch-log--best") if best else self.rich_style
        speed = f"  {epoch.seconds:6.2f} s {formats.rate(epoch.samples_per_second):>11}"
        segments = [
            Segment("*" if best else " ", style),
            Segment(formats.published(epoch), style),
            Segment(speed, self.get_component_rich_style("epoch-log--speed")),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)
