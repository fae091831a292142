"""What is drawn: strokes and pictures one upon the other, each of which can be undone. Knows no widgets.

Places are in shares of the canvas, from its upper left corner, so that a drawing is the same however large it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from dataset import image

SIDE = 112
"""Pixels of a drawing, either way."""
WIDTHS = (0.03, 0.06, 0.09, 0.12, 0.16)
"""Of brushes, in shares of the canvas. A digit that fills two thirds of it has MNIST's width of strokes with the middle one."""
MOST_UNDONE = 200
"""Operations that can be undone."""
MOST_POINTS = 5_000
"""Of all strokes together."""

Levels = npt.NDArray[np.uint8]
"""Ink, 0 to 255: [SIDE, SIDE]."""
Point = tuple[float, float]
"""Across and down."""


@dataclass(frozen=True)
class Stroke:
    """At least one point; one alone is a dot."""

    points: tuple[Point, ...]
    width: float
    erases: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """In place of all that was there."""

    levels: Levels


class Whole(Enum):
    """What is done to all of the canvas."""

    CLEAR = "clear"
    INVERT = "invert"


Operation = Stroke | Picture | Whole


class Drawing:
    def __init__(self, operations: Sequence[Operation] = ()) -> None:
        self.levels: Levels = blank()
        """Not to be changed in place by others."""
        self._done: list[tuple[Operation, Levels]] = []
        """Each with what was there before it."""
        self._base: Levels = self.levels
        """What was there before the first of them."""
        self._undone: list[Operation] = []
        self._points: list[Point] = []
        """Of the stroke that is being drawn."""
        self._width, self._erases, self._before = 0.0, False, self.levels
        for operation in operations:
            self.do(operation)

    @property
    def is_empty(self) -> bool:
        return not image.has_ink(self.levels / 255)

    @property
    def is_drawing(self) -> bool:
        return bool(self._points)

    @property
    def _begun(self) -> tuple[Stroke, ...]:
        return (Stroke(tuple(self._points), self._width, self._erases),) if self._points else ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What the drawing is made of: all since it was empty, or another picture, the last time; the stroke being drawn too. Of more than
        ``MOST_POINTS`` points only the picture that they make.
        """
        made: list[Operation] = [Picture(self._base)] if self._base.any() else []
        for operation in (*(operation for operation, _ in self._done), *self._begun):
            if operation is Whole.CLEAR or isinstance(operation, Picture):
                made.clear()
            if operation is not Whole.CLEAR:
                made.append(operation)
        points = sum(len(operation.points) for operation in made if isinstance(operation, Stroke))
        return tuple(made) if points <= MOST_POINTS else (Picture(self.levels),)

    # One stroke after the other

    def begin(self, point: Point, width: float, erases: bool) -> None:
        """Puts the pen down."""
        self.end()
        self._points, self._width, self._erases, self._before = [point], width, erases, self.levels
        self.levels = painted(self.levels, *self._begun)

    def go_on(self, point: Point) -> None:
        """Moves the pen on the paper, in a straight line."""
        if self._points and point != self._points[-1]:
            self.levels = painted(self.levels, Stroke((self._points[-1], point), self._width, self._erases))
            self._points.append(point)

    def end(self) -> None:
        """Lifts the pen."""
        for stroke in self._begun:
            self._points = []
            self._remember(stroke, self._before)

    def do(self, operation: Operation) -> None:
        self.end()
        before = self.levels
        match operation:
            case Stroke():
                self.levels = painted(before, operation)
            case Picture():
                self.levels = operation.levels
            case Whole.CLEAR:
                self.levels = blank()
            case Whole.INVERT:
                self.levels = 255 - before
        self._remember(operation, before)

    def _remember(self, operation: Operation, before: Levels) -> None:
        self._done.append((operation, before))
        del self._done[:-MOST_UNDONE]
        self._base = self._done[0][1]
        self._undone.clear()

    # Back and forth

    def undo(self) -> bool:
        """Takes the last operation back. False where there is none."""
        self.end()
        if not self._done:
            return False
        operation, self.levels = self._done.pop()
        self._undone.append(operation)
        return True

    def redo(self) -> bool:
        """Does again what was taken back. False where there is nothing of that kind."""
        self.end()
        if not self._undone:
            return False
        *left, operation = self._undone
        self.do(operation)
        self._undone = left
        return True


def blank() -> Levels:
    return np.zeros((SIDE, SIDE), np.uint8)


def painted(levels: Levels, stroke: Stroke) -> Levels:
    """With a stroke of a round brush, its edge a pixel wide."""
    result = levels.copy()
    points = [(x * SIDE, y * SIDE) for x, y in stroke.points]
    for start, end in zip(points, points[1:] or points, strict=False):
        _paint(result, start, end, stroke.width * SIDE / 2, stroke.erases)
    return result


def _paint(levels: Levels, start: Point, end: Point, radius: float, erases: bool) -> None:
    """From one point to another, in pixels."""
    left, right = _reach(start[0], end[0], radius)
    top, bottom = _reach(start[1], end[1], radius)
    across, down = np.arange(left, right) + 0.5 - start[0], np.arange(top, bottom)[:, None] + 0.5 - start[1]
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = np.clip((across * dx + down * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    distance = np.hypot(across - share * dx, down - share * dy)
    ink = np.rint(255 * np.clip(radius + 0.5 - distance, 0, 1)).astype(np.uint8)
    part = levels[top:bottom, left:right]
    part[:] = np.minimum(part, 255 - ink) if erases else np.maximum(part, ink)


def _reach(start: float, end: float, radius: float) -> tuple[int, int]:
    """The pixels that may be inked, along one side."""
    low, high = min(start, end) - radius - 1, max(start, end) + radius + 2
    return int(np.clip(low, 0, SIDE)), int(np.clip(high, 0, SIDE))
