"""A line an epoch, in the published form, and one for each change in flight and each trained member of an ensemble; follows the newest
unless scrolled away from it.
"""

from __future__ import annotations

import textwrap

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.binding import Binding
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.strip import Strip

from engine.events import Changed, EpochEnded, MemberEnded
from tui import formats
from tui.dashboard import dashboard
from tui.runs.view import RunView
from tui.widgets.key_hints import key_hints

InOrder = EpochEnded | Changed | MemberEnded
Row = InOrder | str
TITLE = "Epochs"
WIDTH = 66
"""That of an epoch's row, about: sentences are broken there."""


class EpochLog(ScrollView, can_focus=True):
    """With the focus, it has a cursor: the row that can be copied."""

    BINDINGS = [Binding("k", "scroll_up", "The row before", show=False), Binding("j", "scroll_down", "The next row", show=False)]
    PARTS = ("speed", "best", "change", "member", "end", "cursor")
    COMPONENT_CLASSES = {f"epoch-log--{part}" for part in PARTS}
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

        .epoch-log--change {
            color: $text-secondary;
        }

        .epoch-log--member {
            color: $text-primary;
        }

        .epoch-log--end {
            color: $text-muted;
        }

        .epoch-log--cursor {
            background: $block-cursor-background;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._best: set[int] = set()
        self._cursor = 0
        self._follows = True
        self.border_title = TITLE

    def show(self, run: RunView) -> None:
        self._rows = rows(run)
        self.border_title = title(run)
        self._best = {run.best_epoch, *(member.best_epoch for member in run.members)}
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self._cursor = self._last if self._follows else min(self._cursor, self._last)
        self.refresh()
        if self._follows:
            self.scroll_end(animate=False, force=True)
        self._explain()

    def on_resize(self) -> None:
        """The newest stays in sight, and is found there by whoever looks here first when the run is over."""
        if self._follows:
            self.scroll_end(animate=False, force=True)

    @property
    def shows_newest(self) -> bool:
        """Whether what is new is to be seen here."""
        return self.screen.is_active and self.is_on_screen and self._follows

    @property
    def row(self) -> str:
        """The row under the cursor, as it is copied; empty where there is none yet."""
        return text(self._rows[self._cursor]) if self._rows else ""

    @property
    def all_rows(self) -> str:
        return "\n".join(map(text, self._rows))

    @property
    def _last(self) -> int:
        return max(0, len(self._rows) - 1)

    # The cursor. These actions are those of the keys of a scrolled view.

    def action_scroll_up(self) -> None:
        self._move_to(self._cursor - 1)

    def action_scroll_down(self) -> None:
        self._move_to(self._cursor + 1)

    def action_page_up(self) -> None:
        self._move_to(self._cursor - self.size.height)

    def action_page_down(self) -> None:
        self._move_to(self._cursor + self.size.height)

    def action_scroll_home(self) -> None:
        self._move_to(0)

    def action_scroll_end(self) -> None:
        self._move_to(self._last)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            self._move_to(offset.y + round(self.scroll_y))

    @on(MouseScrollUp)
    @on(MouseScrollDown)
    @on(ScrollTo)
    def _look(self) -> None:
        """Follows where the mouse has scrolled to the end."""
        self.call_after_refresh(self._follow_at_the_end)

    def _follow_at_the_end(self) -> None:
        self._follows = self.is_vertical_scroll_end
        self._explain()

    def _move_to(self, row: int) -> None:
        self._cursor = max(0, min(self._last, row))
        self._follows = self._cursor == self._last
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self._explain()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self._explain()

    def _explain(self) -> None:
        """What can be pressed, on the lower border."""
        key = dashboard(self).key
        copying = [(key("train.copy"), "copy row"), (key("train.copy_run"), "copy all")] if self.has_focus and self._rows else []
        following = [] if self._follows else [("End", "follow")]
        self.border_subtitle = key_hints(*copying, *following, gap="  ")

    def render_line(self, y: int) -> Strip:
        number, width = y + round(self.scroll_y), self.size.width
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        behind = self.get_component_rich_style("epoch-log--cursor", partial=True) if self.has_focus and number == self._cursor else Style()
        return Strip(self._segments(self._rows[number])).apply_style(behind).adjust_cell_length(width, self.rich_style + behind)

    def _segments(self, row: Row) -> list[Segment]:
        if isinstance(row, Changed):
            return [Segment(f" {text(row)}", self.get_component_rich_style("epoch-log--change"))]
        if isinstance(row, MemberEnded):
            return [Segment(f" {text(row)}", self.get_component_rich_style("epoch-log--member"))]
        if isinstance(row, str):
            return [Segment(f" {text(row)}", self.get_component_rich_style("epoch-log--end"))]
        best = row.epoch in self._best
        style = self.get_component_rich_style("epoch-log--best") if best else self.rich_style
        result = ("*" if best else " ") + formats.published(row)
        room = self.scrollable_content_region.width - len(result)
        speed = next((part for part in _speeds(row) if len(part) <= room), "")
        return [Segment(result, style), Segment(speed, self.get_component_rich_style("epoch-log--speed"))]


def title(run: RunView) -> str:
    """Says what the figures of the rows are; the rows themselves have the published form."""
    if not run.epochs:
        return TITLE
    part = "training" if run.epochs[-1].validation_accuracy is None else "validation"
    return f"{TITLE}: {part} accuracy and loss  * kept"


def rows(run: RunView) -> list[Row]:
    """Epochs in order, each change in flight before the epoch that it happened in, each member after its last epoch; and what made early
    stopping end the run.
    """
    explanation = run.ended.explanation if run.ended is not None else ""
    end = textwrap.wrap(formats.early_stopping(explanation), WIDTH, subsequent_indent="  ") if explanation else []
    if not run.changes and not run.members:
        return [*run.epochs, *end]
    ends = {epoch.member: epoch.epoch for epoch in run.epochs}
    members = [member for member in run.members if member.member in ends]

    def place(row: InOrder) -> tuple[int, bool]:
        return (ends[row.member], True) if isinstance(row, MemberEnded) else (row.epoch, False)

    in_order: list[InOrder] = [*run.changes, *run.epochs, *members]
    return [*sorted(in_order, key=place), *end]


def text(row: Row) -> str:
    if isinstance(row, Changed):
        return f"{row.key} = {row.value:g} from epoch {row.epoch}, step {row.step} on"
    if isinstance(row, MemberEnded):
        return formats.member(row)
    if isinstance(row, str):
        return row
    return formats.published(row) + _speeds(row)[0]


def _speeds(epoch: EpochEnded) -> tuple[str, ...]:
    """How fast it was, the longest words for it first."""
    seconds = f" {formats.seconds(epoch.seconds)}"
    return f" {seconds} {formats.rate(epoch.samples_per_second):>11}", f" {seconds}", seconds
