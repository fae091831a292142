"""A line chart that nothing breaks: plotext, fed with finite numbers only and never with an empty series."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from rich.style import Style
from rich.text import Text
from textual.app import RenderResult
from textual.color import Color
from textual.content import Content
from textual.events import Resize
from textual_plotext import PlotextPlot

from tui.widgets.ticks import bounded, even, labels, limits, logarithmic_ticks, multiples, nice_step, spaced

Point = tuple[float, float | None]
LEFT_MARGIN = 8
"""Columns that the axis and its labels take, about."""
DOT_COLUMNS = 3
"""Columns from one dot to the next, at the least."""
AXIS_ROWS = 2
"""Rows that the x axis and its labels take."""
TICK_COLUMNS, TICK_ROWS = 5, 4
"""Room for a number on an axis."""
SHARES = "%"
"""The unit of what lies between 0 and 100."""
BORDER = 4
"""Columns of the width that the corners and blanks of a border take from the words on it."""
SHORT = {"validation": "val"}
"""Names of series where there is little room."""
MOST_PICTURES = 3
CORNER = "└"
"""Where the axes meet."""


@dataclass(frozen=True)
class Series:
    """Points in rising order of x, joined by a line. ``colour`` is a variable of the theme, ``sign`` how the legend draws it."""

    name: str
    points: Sequence[Point]
    colour: str
    sign: str
    dotted: bool = False
    """Whether the points show as dots on the line."""
    joined: bool = True
    """Whether there is a line."""
    label: str = ""
    """A character at its end."""
    begins: frozenset[float] = frozenset()
    """The x from which on another line goes on, which is not joined to the one before."""

    @cached_property
    def finite(self) -> list[tuple[float, float]]:
        return [(x, y) for x, y in self.points if y is not None and math.isfinite(y)]

    def value(self, x: float) -> float | None:
        """The value at ``x``, None where there is none."""
        return next((y for place, y in self.finite if place == x), None)

    def lines(self, points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
        """Points of it, those of each line by themselves."""
        cuts = [place for place, (x, _) in enumerate(points) if place and x in self.begins]
        return [points[begin:end] for begin, end in pairwise([0, *cuts, len(points)])]


class Chart(PlotextPlot):
    """Series drawn anew whenever ``show`` is called; a note where there is nothing to draw. ``reading`` puts a value in words, and
    ``has_log_scale`` says whether a logarithmic scale makes sense of its values.
    """

    DEFAULT_CSS = """
    Chart {
        min-height: 6;
        content-align: center middle;
    }
    """

    def __init__(
        self,
        title: str,
        unit: str,
        empty_note: str,
        reading: Callable[[float], str] = str,
        *,
        has_log_scale: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.title, self.has_log_scale = title, has_log_scale
        self._unit, self._empty_note, self._reading = unit, empty_note, reading
        self._possible = (0.0, 100.0) if unit == SHARES else (-math.inf, math.inf)
        """The least and the greatest value that there can be."""
        self.series: tuple[Series, ...] = ()
        self._cursor: float | None = None
        self._is_logarithmic = False
        self._offer = Content()
        self._pictures: dict[tuple[object, ...], tuple[Text, tuple[float, float]]] = {}
        """Of these series, those drawn last, and from where to where their x goes: a cursor moves quicker than plotext draws."""
        self.border_title = title

    def show(self, series: Sequence[Series]) -> None:
        """Draws series, the first of them in front."""
        self.series = tuple(item for item in series if item.finite)
        self._pictures = {}
        self._redraw()

    def point_at(self, cursor: float | None) -> None:
        """Reads the values at an x, None for no longer."""
        if cursor != self._cursor:
            self._cursor = cursor
            self._redraw()

    def scale(self, logarithmic: bool) -> None:
        if self.has_log_scale and logarithmic != self._is_logarithmic:
            self._is_logarithmic = logarithmic
            self._redraw()

    def offer(self, note: Content) -> None:
        """A note, such as what can be pressed, on the lower border where there is room beside the values."""
        self._offer = note
        self._write_border()

    def on_resize(self, event: Resize) -> None:
        self._write_border()

    def _redraw(self) -> None:
        self._write_border()
        self.refresh()

    def _write_border(self) -> None:
        values = self._values("epoch ")
        room = self.size.width - BORDER
        if values.cell_length > room:
            values = self._values("")
        both = Content.assemble(values, "  " if values and self._offer else "", self._offer)
        self.border_title = self._legend(room)
        self.border_subtitle = both if both.cell_length <= room else values

    def _legend(self, room: int) -> Content:
        """The title and the series' names: short ones where there is no room for all, and as many as there is room for."""
        title = Content(f"{self.title}, log" if self._is_logarithmic else self.title)
        legend = Content.assemble(title, *(_named(item, item.name, "  ") for item in self._different))
        if legend.cell_length <= room:
            return legend
        legend = title
        for item in self._different:
            longer = Content.assemble(legend, _named(item, SHORT.get(item.name, item.name), " "))
            legend = longer if longer.cell_length <= room else legend
        return legend

    @property
    def _different(self) -> list[Series]:
        """Of several series of a name the first."""
        first: dict[str, Series] = {}
        for item in self.series:
            first.setdefault(item.name, item)
        return list(first.values())

    def _values(self, word: str) -> Content:
        """What the cursor points at."""
        if self._cursor is None or not self.series:
            return Content()
        values = [(item, item.value(self._cursor)) for item in self._different]
        readings = [_named(item, self._reading(value)) for item, value in values if value is not None]
        return Content(" ").join([Content(f"{word}{self._cursor:.0f}"), *readings])

    def render(self) -> RenderResult:
        lines = self._lines()
        if not lines or self.size.width < LEFT_MARGIN + 8 or self.size.height < 4:
            return Text(self._empty_note, style="dim")
        picture, limits = self._picture(lines)
        return picture if self._cursor is None else self._with_cursor(picture, self._cursor, *limits)

    def _picture(self, lines: list[tuple[Series, list[tuple[float, float]]]]) -> tuple[Text, tuple[float, float]]:
        key = (self.size, self._is_logarithmic, self.app.theme, self.background_colors[1])
        if key not in self._pictures:
            limits = self._draw(lines)
            earlier = list(self._pictures.items())[1 - MOST_PICTURES :]
            self._pictures = {**dict(earlier), key: (Text.from_ansi(self.plt.build()), limits)}
        return self._pictures[key]

    def _with_cursor(self, picture: Text, cursor: float, left: float, right: float) -> Text:
        """A line behind everything else, in the column where plotext draws that x."""
        plain, width = picture.plain, self.size.width + 1
        axis = plain.rfind(CORNER)
        if axis < 0 or not left <= cursor <= right:
            return picture
        begin = axis % width + 1
        column = begin + math.floor(0.5 + (self.size.width - begin - 1) * (cursor - left) / (right - left))
        places = [place for place in range(column, axis - axis % width, width) if plain[place] == " "]
        characters = list(plain)
        for place in places:
            characters[place] = "│"
        copy = picture.copy()
        copy.plain = "".join(characters)
        style = Style(color=Color.parse(self.app.theme_variables["foreground"]).rich_color)
        for place in places:
            copy.stylize(style, place, place + 1)
        return copy

    def _lines(self) -> list[tuple[Series, list[tuple[float, float]]]]:
        """The series, the hindmost first, and their points on the scale; those that are not empty there."""
        scaled = [(item, self._scaled(item.finite)) for item in reversed(self.series)]
        return [(item, points) for item, points in scaled if points]

    def _scaled(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x, math.log10(y)) for x, y in points if y > 0] if self._is_logarithmic else [(x, bounded(y)) for x, y in points]

    def _draw(self, lines: list[tuple[Series, list[tuple[float, float]]]]) -> tuple[float, float]:
        """Where the x axis begins and ends."""
        plot, columns = self.plt, self.size.width - LEFT_MARGIN
        plot.clear_figure()
        plot.plotsize(*self.size)
        plot._set_size(*self.size)
        self._paint()
        plot.frame(False)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        left, right = limits([x for _, points in lines for x, _ in points])
        low, high, step = self._value_axis(*limits([y for _, points in lines for _, y in points], *self._possible))
        plot.xlim(left, right)
        plot.ylim(low, high)
        for item, points in lines:
            for line in item.lines(points) if item.joined else ():
                self._draw_line(item, line, columns)
        for item, points in lines:
            self._draw_dots(item, points, columns)
            if item.label:
                plot.text(item.label, *points[-1], color=self._colour(item.colour))
        self._draw_ticks(left, right, low, high, step, columns)
        return left, right

    def _value_axis(self, low: float, high: float) -> tuple[float, float, float]:
        """Where the y axis begins and ends, and the step between its numbers; 0 on a logarithmic scale, which has none."""
        return (*spaced(low, high), 0.0) if self._is_logarithmic else even(low, high, self.size.height - AXIS_ROWS, self._numbers)

    @property
    def _numbers(self) -> int:
        """How many numbers the y axis has room for, about."""
        return max(min(5, self.size.height // 2), self.size.height // TICK_ROWS)

    def _draw_line(self, item: Series, points: list[tuple[float, float]], columns: int) -> None:
        drawn = thinned(points, 2 * columns)
        draw = self.plt.plot if len(drawn) > 1 else self.plt.scatter
        draw([x for x, _ in drawn], [y for _, y in drawn], marker="braille", color=self._colour(item.colour))

    def _draw_dots(self, item: Series, points: list[tuple[float, float]], columns: int) -> None:
        """In front of all lines."""
        if item.dotted:
            dots = points[:: -(-len(points) * DOT_COLUMNS // columns)]
            self.plt.scatter([x for x, _ in dots], [y for _, y in dots], marker="dot", color=self._colour(item.colour))

    def _draw_ticks(self, left: float, right: float, low: float, high: float, step: float, columns: int) -> None:
        if self._is_logarithmic:
            values = logarithmic_ticks(low, high, self._numbers)
            self.plt.yticks([math.log10(value) for value in values], labels(values, self._unit))
        else:
            least, most = self._possible
            values = multiples(step, max(low, least), min(high, most))
            self.plt.yticks(values, labels(values, self._unit))
        epochs = multiples(max(1.0, nice_step(left, right, max(2, columns // TICK_COLUMNS))), left, right)
        self.plt.xticks(epochs, [f"{tick:.0f}" for tick in epochs])

    def _paint(self) -> None:
        """The pane's own colours; the terminal's in a theme that leaves them to it."""
        if self.app.current_theme.ansi:
            self.plt.theme("textual-clear")
            return
        paper = self.background_colors[1]
        self.plt.canvas_color(paper.rgb)
        self.plt.axes_color(paper.rgb)
        self.plt.ticks_color((paper + Color.parse(self.app.theme_variables["foreground-muted"])).rgb)

    def _colour(self, name: str) -> tuple[int, int, int] | int | str:
        """As plotext takes it: a colour of the terminal's own stays one."""
        colour = Color.parse(self.app.theme_variables[name])
        if colour.ansi is None:
            return colour.rgb
        return colour.ansi if colour.ansi >= 0 else "default"


def _named(item: Series, what: str, gap: str = "") -> Content:
    return Content.styled(f"{gap}{item.sign} {what}", f"${item.colour}")


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most about ``most`` of the points: of each stretch the lowest and the highest, so that no spike is lost."""
    if len(points) <= most:
        return list(points)
    size = math.ceil(2 * len(points) / most)
    kept: list[tuple[float, float]] = []
    for begin in range(0, len(points), size):
        stretch = points[begin : begin + size]
        extremes = {min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])}
        kept += sorted(extremes)
    return kept
