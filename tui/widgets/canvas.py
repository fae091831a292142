"""Paper to draw on, with the mouse or with a cursor: two pixels a character, as many as there is room for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.colours.legibility import BLACK, WHITE
from tui.drawing.strokes import Levels, Point, blank
from tui.resizing import resized
from tui.widgets import mixing, small_images

RIGHT_BUTTON = 3


class Canvas(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Canvas {
        color: $ink;
        pointer: crosshair;
    }
    """

    @dataclass
    class Touched(Message):
        """The mouse's pen was put down."""

        point: Point
        is_right: bool
        """Whether by the right button."""

    @dataclass
    class Stroked(Message):
        """It was moved."""

        point: Point

    @dataclass
    class Released(Message):
        """It was lifted."""

    levels: reactive[Levels] = reactive(blank, repaint=False, always_update=True)
    cursor: reactive[Point | None] = reactive(None, repaint=False)
    """Where it is; None hides it."""
    mark: reactive[str] = reactive("○", repaint=False)
    """The character that stands for the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: npt.NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        """The drawing at the size that it is shown in: [2 * lines, columns]."""
        self._colours = BLACK, WHITE
        """Of paper and ink, in the frame that is drawn."""
        self._is_held = False
        """Whether a button of the mouse is down."""

    # Showing it

    def _shown(self) -> npt.NDArray[np.uint8]:
        return resized(self.levels, 2 * self.size.height, self.size.width) if self.size else self._pixels[:0]

    def on_resize(self) -> None:
        self._pixels = self._shown()
        self.refresh()

    def watch_levels(self) -> None:
        """Only the lines that are others than before."""
        before, self._pixels = self._pixels, self._shown()
        if before.shape != self._pixels.shape:
            self.refresh()
            return
        changed = np.flatnonzero((before != self._pixels).any(axis=1))
        if changed.size:
            first, last = int(changed[0]) // 2, int(changed[-1]) // 2
            self.refresh(Region(0, first, self.size.width, last - first + 1))

    def watch_cursor(self, before: Point | None, now: Point | None) -> None:
        for point in (before, now):
            if point is not None:
                self.refresh(Region(0, self._cell(point)[1], self.size.width, 1))

    def watch_mark(self) -> None:
        self.watch_cursor(None, self.cursor)

    def _cell(self, point: Point) -> tuple[int, int]:
        """Column and line."""
        width, height = self.size
        return min(max(int(point[0] * width), 0), width - 1), min(max(int(point[1] * height), 0), height - 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._colours = mixing.paper(self), mixing.variable(self, "ink")  # once a frame: it takes longer than a line
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        if 2 * y + 1 >= len(self._pixels):
            return Strip.blank(self.size.width, self.rich_style)
        line = small_images.line(self, self._pixels, y, *self._colours)
        strip = Strip(line, self.size.width)
        if self.cursor is not None and self._cell(self.cursor)[1] == y:
            strip = self._with_cursor(strip, self._cell(self.cursor)[0])
        return strip

    def _with_cursor(self, strip: Strip, column: int) -> Strip:
        style = Style(color=mixing.variable(self, "accent-ink").rich_color, bgcolor=mixing.variable(self, "accent").rich_color, bold=True)
        return Strip.join([strip.crop(0, column), Strip([Segment(self.mark, style)]), strip.crop(column + 1)])

    # The mouse

    def _point(self, event: MouseEvent) -> Point:
        """In shares of the canvas; the middle of a cell where the terminal tells no more than the cell."""
        x, y = (value + 0.5 if value == int(value) else value for value in (event.pointer_x, event.pointer_y))
        return x / self.size.width, y / self.size.height

    def on_mouse_down(self, event: MouseDown) -> None:
        event.stop()
        self._is_held = True
        self.capture_mouse()
        self.post_message(self.Touched(self._point(event), event.button == RIGHT_BUTTON))

    def on_mouse_move(self, event: MouseMove) -> None:
        if not self._is_held:
            return
        event.stop()
        if event.button:
            self.post_message(self.Stroked(self._point(event)))
        else:  # it was let go of where no terminal could tell
            self._let_go()

    def on_mouse_up(self, event: MouseUp) -> None:
        if self._is_held:
            event.stop()
            self._let_go()

    def _let_go(self) -> None:
        self._is_held = False
        self.release_mouse()
        self.post_message(self.Released())
