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
    """Points in rising order of x. ``colour`` names a variable of the theme, ``marker`` is plotext's; ``sign`` is how the legend draws it."""

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
        self.border_title = Content.assemble(self._title, *legend)  # type: ignore[assignment]
        self.refresh()

    def render(self) -> RenderResult:
        if not self._series or self.size.width < LEFT_MARGIN + 8 or self.size.height < 4:
            return Text(self._empty_note, style="dim", justify="center")
        self._draw()
        return super().render()

    def _draw(self) -> None:
        plot, columns = self.plt, self.size.width - LEFT_MARGIN
        plot.clear_data()
        plot.clear_figure()
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
        ticks = nice_ticks(low, high, max(2, self.size.height // 4))
        plot.yticks(ticks, [self._label(tick, ticks) for tick in ticks])
        epochs = [tick for tick in nice_ticks(left, right, max(2, columns // 12)) if tick == round(tick)] or [left]
        plot.xticks(epochs, [f"{tick:.0f}" for tick in epochs])

    def _label(self, value: float, ticks: Sequence[float]) -> str:
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
        return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}{self._unit}"

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


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """About ``count`` round numbers between ``low`` and ``high``: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]
