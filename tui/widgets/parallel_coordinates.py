"""What the best trials have in common: an axis for each hyperparameter that varies and one for the accuracy, a line for each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from engine.sweep.results import Row
from engine.sweep.space import Space
from tui.ascii import BRAILLE
from tui.coordinates import Axis, Lines
from tui.sweep_draft import label

FEWEST_COLUMNS = 11
"""From one axis to the next; where there are fewer, the least important axes are left out."""
FEWEST_TRIALS = 2
AXIS = "│"
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
        self._lines: Lines | None = None
        self._layers: dict[str, npt.NDArray[np.uint8]] = {}

    def show(self, spaces: Mapping[str, Space], rows: Sequence[Row], order: Sequence[str]) -> None:
        """Trials with values, the best first; ``order`` are the keys of what varies, the most important first where that is known."""
        self._spaces, self._rows, self._order = spaces, rows, order
        self._draw()

    def choose(self, trial: int | None) -> None:
        """The trial whose line is in front."""
        if trial != self._chosen:
            self._chosen = trial
            if self._lines is not None:
                self._draw_chosen()
            self._write_legend()
            self.refresh()

    def on_resize(self) -> None:
        self._draw()

    @property
    def _height(self) -> int:
        """Lines between the titles."""
        return self.content_size.height - 1

    def _draw(self) -> None:
        width, self._lines = self.content_size.width, None
        most = max(1, width // FEWEST_COLUMNS)
        if len(self._rows) >= FEWEST_TRIALS and self._spaces and self._height >= 3 and width >= 2 * FEWEST_COLUMNS:
            shown = set(self._order[:most])
            spaces = {key: space for key, space in self._spaces.items() if key in shown}
            values = sorted(row.value for row in self._rows if row.value is not None)
            floor = values[len(values) // 10]
            self._lines = lines = Lines(spaces, self._rows, {key: label(key) for key in spaces}, floor)
            self._layers = {name: lines.drawn(trials, width, self._height) for name, trials in (("rest", lines.rest()), ("best", lines.best()))}
            self._draw_chosen()
        self._write_legend()
        self.refresh()

    def _draw_chosen(self) -> None:
        assert self._lines is not None
        chosen = [] if self._chosen is None else [self._chosen]
        self._layers["chosen"] = self._lines.drawn(chosen, self.content_size.width, self._height)

    def _write_legend(self) -> None:
        if self._lines is None:
            self.border_subtitle = ""
            return
        legend = [("best tenth", "$train"), ("  the others", "$foreground-muted")]
        if self._chosen is not None and any(row.trial == self._chosen for row in self._rows):
            legend.insert(0, (f"trial {self._chosen}  ", "bold $validation"))
        self.border_subtitle = Content.assemble(*legend)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if self._lines is None:
            note = "Lines are drawn as soon as two trials have a value." if y == 0 else ""
            return Strip([Segment(note, self._style("axis"))]).adjust_cell_length(width, self.rich_style)
        if y >= self._height:
            return self._labelled(self._titles(self._lines.axes), [(" ", self.rich_style)] * width, beside=0)
        return self._labelled(self._marks(self._lines.axes, y), self._cells(y), beside=1)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"parallel-coordinates--{part}")

    def _cells(self, y: int) -> list[tuple[str, Style]]:
        """A line of characters with their styles: dots of all layers together, in the colour of the foremost."""
        width = self.content_size.width
        found = [(" ", self.rich_style)] * width
        dots = np.zeros(width, np.uint8)
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
        return [round(number * (self.content_size.width - 1) / last) for number in range(last + 1)]

    def _marks(self, axes: Sequence[Axis], y: int) -> list[tuple[int, str, Style]]:
        found = []
        for number, axis in enumerate(axes):
            for place, text in axis.marks:
                if round((1 - place) * (self._height - 1)) == y:
                    found.append((number, text, self._style("mark")))
        return found

    def _titles(self, axes: Sequence[Axis]) -> list[tuple[int, str, Style]]:
        return [(number, axis.title, self._style("title")) for number, axis in enumerate(axes)]

    def _labelled(self, labels: Sequence[tuple[int, str, Style]], cells: list[tuple[str, Style]], beside: int) -> Strip:
        """A line with labels so many columns right of their axes, that of the last one left of it."""
        columns = self._columns()
        apart = columns[1] - columns[0]
        for number, text, style in labels:
            text = text if len(text) < apart else f"{text[: apart - 2]}…"
            is_last = number == len(columns) - 1
            begin = columns[number] + 1 - beside - len(text) if is_last else columns[number] + beside
            for offset, character in enumerate(text):
                cells[begin + offset] = (character, style)
        return Strip([Segment(character, style) for character, style in cells])
