"""Parallel coordinates in braille: every trial a line from axis to axis. Knows no widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.sweep.results import Row
from engine.sweep.space import Choices, Range, Space
from tui import formats
from tui.sweep.trial_columns import brief

BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""Of a braille character, [row, column]."""
LINES_A_ROW = 4
"""Trials that are drawn beside the best ones, for each row of characters: more cannot be told apart."""
BEST_SHARE = 0.1
"""The best of the completed trials, whose lines stand out."""


@dataclass(frozen=True)
class Axis:
    """``marks`` are values in words and where they are, from 0, at the bottom, to 1."""

    title: str
    marks: tuple[tuple[float, str], ...]


class Lines:
    """Trials as places on axes: those of what varies, and of the accuracy, which is the last."""

    def __init__(self, spaces: Mapping[str, Space], rows: Sequence[Row], titles: Mapping[str, str], floor: float) -> None:
        """``rows``, the best first, have values; accuracies below ``floor`` are at the bottom of their axis."""
        top = max((row.value or 0.0 for row in rows), default=1.0)
        low = min(floor, top)
        self.axes = [Axis(titles[key], _marks(space)) for key, space in spaces.items()]
        self.axes.append(Axis("accuracy", ((0.0, formats.percent(low, 1)), (1.0, formats.percent(top, 1)))))
        self._rows = rows
        self._by_trial = {row.trial: row for row in rows}
        self._spaces, self._low, self._top = spaces, low, top

    def _places(self, row: Row) -> list[float]:
        """Where a trial's line crosses the axes."""
        places = [_place(space, row.parameters.get(key)) for key, space in self._spaces.items()]
        return [*places, _share(row.value or 0.0, self._low, self._top)]

    def drawn(self, trials: Sequence[int], columns: int, lines: int) -> npt.NDArray[np.uint8]:
        """Some of the trials as braille dots, [lines, columns]. Axes are at equal distances, the first and the last at the edges."""
        dots = np.zeros((lines * 4, columns * 2), bool)
        chosen = [self._places(self._by_trial[trial]) for trial in trials if trial in self._by_trial]
        if chosen:
            x = np.arange(columns * 2)
            at = np.interp(x, np.linspace(0, columns * 2 - 1, len(self.axes)), np.arange(len(self.axes)))
            left = np.minimum(at.astype(int), len(self.axes) - 2)
            places = np.array(chosen, np.float64)
            heights = places[:, left] + (places[:, left + 1] - places[:, left]) * (at - left)
            y = np.rint((1 - heights) * (lines * 4 - 1)).astype(int)
            before = np.concatenate([y[:, :1], y[:, :-1]], axis=1)
            for offset in range(int(np.abs(y - before).max()) + 1):  # steep lines have several dots in a column
                reached = np.abs(y - before) >= offset
                row = y - np.sign(y - before) * offset
                dots[row[reached], np.broadcast_to(x, y.shape)[reached]] = True
        cells = dots.reshape(lines, 4, columns, 2).transpose(0, 2, 1, 3)
        characters: npt.NDArray[np.uint8] = np.sum(cells * BITS, axis=(2, 3), dtype=np.uint8)
        return characters

    def best(self) -> list[int]:
        """The trials that stand out."""
        complete = [row.trial for row in self._rows if row.state == "complete"]
        return complete[: max(1, math.ceil(len(complete) * BEST_SHARE))]

    def rest(self, lines: int) -> list[int]:
        """The other trials, thinned out evenly where they are too many for so many rows."""
        best = set(self.best())
        others = [row.trial for row in self._rows if row.trial not in best]
        return others[:: -(-len(others) // (LINES_A_ROW * lines))] if others else []


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 1.0


def _place(space: Space, value: object) -> float:
    if isinstance(space, Choices):
        return space.values.index(value) / (len(space.values) - 1) if value in space.values else 0.0
    number = float(value) if isinstance(value, int | float) else space.low
    if space.log:
        return _share(math.log(max(number, space.low)), math.log(space.low), math.log(space.high))
    return _share(number, space.low, space.high)


def _marks(space: Space) -> tuple[tuple[float, str], ...]:
    if isinstance(space, Range):
        return (0.0, brief(_number(space, space.low))), (1.0, brief(_number(space, space.high)))
    return tuple((number / (len(space.values) - 1), brief(value)) for number, value in enumerate(space.values))


def _number(space: Range, value: float) -> float:
    return int(value) if space.is_whole else float(value)
