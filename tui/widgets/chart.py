"""A line chart that nothing breaks: plotext, fed with finite numbers only and never with an empty series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import RenderResult
from textual.color import Color
from textual.content import Content
from textual_plotext import PlotextPlot

Point = tuple[float, float | None]
LEFT_MARGIN = 8
"""Columns that the axis and its labels take, about."""


@dataclass(frozen=True)
class Series:
    """Points in rising order of x. ``colour`` is a variable of the theme, ``marker`` plotext's, ``sign`` how the legend draws it."""

    name: str
    points: Sequence[Point]
    colour: str
    marker: str
    sign: str
    joined: bool = True

    @property
    def finite(self) -> list[tuple[float, float]]:
        return [(x, y) for x, y in self.points if y is not None and math.isfinite(y)]


class Chart(PlotextPlot):
    """Series drawn anew whenever ``show`` is called; a note where there is nothing to draw."""

    DEFAULT_CSS = """
    Chart {
        min-height: 6;
        content-align: center middle;
    }
    """

    def __init__(self, title: str, unit: str, empty_note: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title, self._unit, self._empty_note = title, unit, empty_note
        self._series: tuple[Series, ...] = ()
        self.border_title = title

    def show(self, series: Sequence[Series]) -> None:
        self._series = tuple(item for item in series if item.finite)
        legend = [Content.styled(f"  {item.sign} {item.name}", f"${item.colour}") for item in self._series]
        self.border_title = Content.assemble(self._title, *legend)
        self.refresh()

    def render(self) -> RenderResult:
        if not self._series or self.size.width < LEFT_MARGIN + 8 or self.size.height < 4:
            return Text(self._empty_note, style="dim")
        self._draw()
        return Text.from_ansi(self.plt.build())

    def _draw(self) -> None:
        plot, columns = self.plt, self.size.width - LEFT_MARGIN
        plot.clear_figure()
        plot.plotsize(*self.size)
        plot._set_size(*self.size)
        self._paint()
        plot.frame(False)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        drawn = [thinned(item.finite, 2 * columns) for item in self._series]
        left, right = limits([x for points in drawn for x, _ in points])
        low, high = limits([y for points in drawn for _, y in points])
        plot.xlim(left, right)
        plot.ylim(low, high)
        for item, points in zip(self._series, drawn, strict=True):
            draw = plot.plot if item.joined and len(points) > 1 else plot.scatter
            draw([x for x, _ in points], [y for _, y in points], marker=item.marker, color=self._colour(item.colour))
        step = nice_step(low, high, max(4, self.size.height // 3))
        ticks = multiples(step, low, high)
        plot.yticks(ticks, [f"{tick:.{decimals(step)}f}{self._unit}" for tick in ticks])
        epochs = multiples(max(1.0, nice_step(left, right, max(2, columns // 12))), left, right)
        plot.xticks(epochs, [f"{tick:.0f}" for tick in epochs])

    def _paint(self) -> None:
        """The pane's own colours; the terminal's in a theme that leaves them to it."""
        if self.app.current_theme.ansi:
            self.plt.theme("textual-clear")
            return
        paper, ink = self.background_colors[1], Color.parse(self.app.theme_variables["foreground"])
        self.plt.canvas_color(paper.rgb)
        self.plt.axes_color(paper.rgb)
        self.plt.ticks_color(paper.blend(ink, 0.6).rgb)

    def _colour(self, name: str) -> tuple[int, int, int]:
        return Color.parse(self.app.theme_variables[name]).rgb


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


def limits(values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest of the values, kept apart."""
    low, high = min(values), max(values)
    if low == high:
        margin = abs(low) * 0.05 or 0.5
        return low - margin, high + margin
    return low, high


def nice_step(low: float, high: float, count: int) -> float:
    """1, 2 or 5 times a power of ten, so that about ``count`` multiples of it lie between ``low`` and ``high``."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def multiples(step: float, low: float, high: float) -> list[float]:
    """The multiples of ``step`` from ``low`` to ``high``."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def decimals(step: float) -> int:
    """The decimals that tell multiples of ``step`` apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9))
