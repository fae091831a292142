"""What the best trials have in common: an axis for each hyperparameter that varies and one for the accuracy, a line for each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from engine.sweep.results import Row
from engine.sweep.space import Space
from tui.ascii import BRAILLE
from tui.sweep.coordinates import Axis, Lines
from tui.sweep.draft import label
from tui.sweep.trial_columns import two_lines

FEWEST_COLUMNS = 11
"""From one axis to the next; where there are fewer, the least important axes are left out."""
FEWEST_TRIALS = 2
WAITING = "Lines are drawn as soon as two trials have a value."
AXIS = "│"
TITLE, LAST = 2, 9
"""Lines of the titles, and columns of the last axis' labels."""
LAYERS = ("rest", "best", "chosen")
"""From the back to the front."""


class ParallelCoordinates(Widget):
    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"parallel-coordinates--{part}" for part in (*LAYERS, "axis", "mark", "title")}
    DEFAULT_CSS = """
    ParallelCoordinates {
        height: 1fr;
        min-height: 6;
        padding: 0 1;

        .parallel-coordinates--rest {
            color: $earlier;
        }

        .parallel-coordinates--best {
            color: $train;
        }

        .parallel-coordinates--chosen {
            color: $validation;
            text-style: bold;
        }

        .parallel-coordinates--axis {
            color: $foreground-muted;
        }

        .parallel-coordinates--mark {
            color: $foreground;
        }

        .parallel-coordinates--title {
            color: $text-accent;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Parallel coordinates"
        self._spaces: Mapping[str, Space] = {}
        self._rows: Sequence[Row] = ()
        self._order: Sequence[str] = ()
        self._chosen: int | None = None
        self._drawn = Size()
        """What the lines were drawn for."""
        self._lines: Lines | None = None
        self._layers: dict[str, npt.NDArray[np.uint8]] = {}

    def show(self, spaces: Mapping[str, Space], rows: Sequence[Row], order: Sequence[str]) -> None:
        """Trials with values, the best first; ``order`` are the keys of what varies, the most important first where that is known."""
        self._spaces, self._rows, self._order = spaces, rows, order
        self._draw_anew()

    def choose(self, trial: int | None) -> None:
        """The trial whose line is in front."""
        if trial != self._chosen:
            self._chosen = trial
            self._layers.pop("chosen", None)
            self._write_legend()
            self.refresh()

    def _draw_anew(self) -> None:
        self._drawn = Size()
        self._write_legend()
        self.refresh()

    @property
    def _height(self) -> int:
        """Lines between the titles."""
        return self.content_size.height - TITLE

    @property
    def _width(self) -> int:
        """Columns up to the last axis, whose labels are right of it."""
        return self.content_size.width - LAST

    @property
    def _has_lines(self) -> bool:
        return len(self._rows) >= FEWEST_TRIALS and bool(self._spaces)

    def _draw(self) -> None:
        """What is not drawn yet for the size that there is now."""
        if self.content_size != self._drawn:
            self._drawn, self._lines = self.content_size, None
            if self._has_lines and self._height >= 3 and self._width >= FEWEST_COLUMNS:
                self._draw_lines()
        if self._lines is not None and "chosen" not in self._layers:
            chosen = [] if self._chosen is None else [self._chosen]
            self._layers["chosen"] = self._lines.drawn(chosen, self._width, self._height)

    def _draw_lines(self) -> None:
        shown = self._order[: max(1, self._width // FEWEST_COLUMNS)]
        spaces = {key: space for key, space in self._spaces.items() if key in shown}
        values = sorted(row.value for row in self._rows if row.value is not None)
        self._lines = lines = Lines(spaces, self._rows, {key: label(key) for key in spaces}, values[len(values) // 10])
        layers = {"rest": lines.rest(self._height), "best": lines.best()}
        self._layers = {name: lines.drawn(trials, self._width, self._height) for name, trials in layers.items()}

    def _write_legend(self) -> None:
        if not self._has_lines:
            self.border_subtitle = ""
            return
        legend = [("best tenth", "$train"), ("  the others", "$foreground-muted")]
        if self._chosen is not None and any(row.trial == self._chosen for row in self._rows):
            legend.insert(0, (f"trial {self._chosen}  ", "bold $validation"))
        self.border_subtitle = Content.assemble(*legend)

    def render_line(self, y: int) -> Strip:
        self._draw()
        width = self.content_size.width
        if self._lines is None:
            note = ("There is no room for the lines here." if self._has_lines else WAITING) if y == 0 else ""
            return Strip([Segment(note, self._style("axis"))]).adjust_cell_length(width, self.rich_style)
        if y >= self._height:
            titles = [
                (number, two_lines(axis.title)[y - self._height], self._style("title")) for number, axis in enumerate(self._lines.axes)
            ]
            return self._labelled(titles, [(" ", self.rich_style)] * width, beside=0)
        return self._labelled(self._marks(self._lines.axes, y), self._cells(y), beside=1)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"parallel-coordinates--{part}")

    def _cells(self, y: int) -> list[tuple[str, Style]]:
        """A line of characters with their styles: dots of all layers together, in the colour of the foremost."""
        found = [(" ", self.rich_style)] * self.content_size.width
        dots = np.zeros(self._width, np.uint8)
        for name in LAYERS:
            layer, style = self._layers[name][y], self._style(name)
            dots = np.where(layer > 0, layer | (dots if name == "rest" else 0), dots)
            for x in np.flatnonzero(layer).tolist():
                found[x] = (chr(BRAILLE + int(dots[x])), style)
        for x in self._columns():
            if found[x][0] == " ":
                found[x] = (AXIS, self._style("axis"))
        return found

    def _columns(self) -> list[int]:
        """Where the axes are."""
        assert self._lines is not None
        last = len(self._lines.axes) - 1
        return [round(number * (self._width - 1) / last) for number in range(last + 1)]

    def _marks(self, axes: Sequence[Axis], y: int) -> list[tuple[int, str, Style]]:
        found = []
        for number, axis in enumerate(axes):
            for place, text in axis.marks:
                if round((1 - place) * (self._height - 1)) == y:
                    found.append((number, text, self._style("mark")))
        return found

    def _labelled(self, labels: Sequence[tuple[int, str, Style]], cells: list[tuple[str, Style]], beside: int) -> Strip:
        """A line with labels so many columns right of their axes."""
        columns = self._columns()
        apart = columns[1] - columns[0]
        for number, text, style in labels:
            text = text if len(text) < apart or number == len(columns) - 1 else f"{text[: apart - 2]}…"
            for offset, character in enumerate(text):
                cells[columns[number] + beside + offset] = (character, style)
        return Strip([Segment(character, style) for character, style in cells])
