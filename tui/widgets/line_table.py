"""A table with a cursor, of which only the lines in sight are drawn."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineTable(ScrollView, can_focus=False):
    """The cursor is on a row, known by its key, and stays with it when others come and the order changes. Where the row is gone, it is
    on the one in its place.
    """

    class Moved(Message):
        """The cursor is on another row, or there are others."""

    class Headed(Message):
        """The heading of a column was clicked, where the rows can be sorted."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    ALLOW_SELECT = False
    HEADING = 1
    """Lines."""
    COMPONENT_CLASSES = {"line-table--cursor"}
    DEFAULT_CSS = """
    LineTable {
        height: 1fr;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;

        .line-table--cursor {
            background: $selected;
            color: $selected-ink;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys: list[Hashable] = []
        self._places: dict[Hashable, int] = {}
        self._place = 0
        """The line of the cursor."""
        self._is_moved = False
        """Whether it was; until then it is on the first row, whichever that is."""

    def show_rows(self, keys: Sequence[Hashable]) -> None:
        """Rows in their order."""
        before = self.cursor
        self._keys = list(keys)
        self._places = {key: place for place, key in enumerate(self._keys)}
        place = self._places.get(before, self._place) if before is not None and self._is_moved else 0
        is_moved = place != self._place
        self._place = max(0, min(place, len(self._keys) - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._keys) + self.HEADING)
        if is_moved or self.cursor != before:
            self._reveal()
        self.refresh()

    @property
    def cursor(self) -> Hashable | None:
        """The key of its row; None where there is none."""
        return self._keys[self._place] if self._keys else None

    @property
    def _lines(self) -> int:
        """Rows in sight."""
        return max(1, self.size.height - self.HEADING)

    def move(self, by: int) -> None:
        self.go_to(self._place + by)

    def move_page(self, by: int) -> None:
        self.go_to(self._place + by * self._lines)

    def move_to_end(self, last: bool) -> None:
        self.go_to(len(self._keys) - 1 if last else 0)

    def go_to(self, place: int) -> None:
        self._is_moved = True
        before, self._place = self._place, max(0, min(place, len(self._keys) - 1))
        for changed in (before, self._place):
            self.refresh_lines(changed + self.HEADING)
        self._reveal()

    def _reveal(self) -> None:
        """Brings the cursor in sight."""
        top = round(self.scroll_y)
        if not top <= self._place < top + self._lines:
            y = self._place if self._place < top else self._place - self._lines + 1
            self.scroll_to(y=y, animate=False, force=True)
        self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self.HEADING:
            self.head_clicked(offset.x)
        elif (place := offset.y - self.HEADING + round(self.scroll_y)) < len(self._keys):
            self.go_to(place)

    def head_clicked(self, x: int) -> None:
        """A click on the heading, so many columns from the left."""

    def on_resize(self) -> None:
        self._reveal()
        self.refresh()

    # Lines

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y < self.HEADING:
            return self._strip(self.heading(y), self.rich_style)
        place = y - self.HEADING + round(self.scroll_y)
        if place >= len(self._keys):
            return Strip.blank(width, self.rich_style)
        if place != self._place:
            return self._strip(self.line(place), self.rich_style)
        segments = self.line(place)
        if self.app.current_theme.ansi:  # where no colour but its own can be read on the cursor's ground
            segments = [Segment(text, style and style.without_color) for text, style, _ in segments]
        return self._strip(segments, self.rich_style + self._style("cursor"))

    def _strip(self, segments: list[Segment], behind: Style) -> Strip:
        return Strip(segments).apply_style(behind).adjust_cell_length(self.size.width, behind)

    def _style(self, part: str) -> Style:
        """What the style sheets say of a part, and no more: the rest is what it lies on."""
        return self.get_component_rich_style(f"line-table--{part}", partial=True)

    def heading(self, line: int) -> list[Segment]:
        """A line of it; what its styles leave open is the table's, and so of the rows."""
        raise NotImplementedError

    def line(self, place: int) -> list[Segment]:
        """The row in a place."""
        raise NotImplementedError


def cell(text: str, width: int, is_text: bool = True, gap: int = 1) -> str:
    """Text cut and filled up to a width, numbers to the right."""
    taken = cell_len(text)
    if taken > width:
        text, taken = set_cell_size(text, max(0, width - 1)) + "…", width
    fill = " " * (width - taken)
    return (text + fill if is_text else fill + text) + " " * gap
