"""Widgets by themselves, with what would break them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from tui.themes import DARK, defaults
from tui.widgets.chart import Chart, Series, decimals, limits, multiples, nice_step, thinned
from tui.widgets.digit_view import middle
from tui.widgets.prediction_bars import bar


class Stage(App[None]):
    """An app with one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget
        self.register_theme(DARK)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self._widget


def series(*values: float | None) -> Series:
    return Series("loss", list(enumerate(values, 1)), "train", "braille", "━")


@pytest.mark.parametrize("size", [(80, 24), (10, 5), (1, 1)])
@pytest.mark.parametrize(
    "values",
    [
        (),
        (None, None),
        (math.nan, math.inf),
        (0.5,),
        (0.5, 0.5, 0.5),
        (0.0, 0.0),
        (1.0, None, -math.inf, 2.0),
        (1e300, -1e300),
        (1e-12, 2e-12),
    ],
)
async def test_no_figures_break_a_chart(values: tuple[float | None, ...], size: tuple[int, int]) -> None:
    chart = Chart("Loss", "", "nothing yet")
    async with Stage(chart).run_test(size=size) as pilot:
        chart.show([series(), series(*values)])
        await pilot.pause()
        chart.show([series(1.0, 2.0, 3.0)])
        await pilot.pause()


def test_thinning_keeps_the_spikes() -> None:
    points = [(float(x), 0.0) for x in range(10_000)]
    points[1234], points[7777] = (1234.0, 9.0), (7777.0, -9.0)
    kept = thinned(points, 100)
    assert len(kept) <= 100
    assert (1234.0, 9.0) in kept and (7777.0, -9.0) in kept
    assert kept == sorted(kept)


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [(0, 10, 5, [0, 2, 4, 6, 8, 10]), (95.2, 98.1, 3, [96, 97, 98]), (0.013, 0.111, 3, [0.05, 0.1]), (1, 100, 4, [50, 100])],
)
def test_ticks_are_round(low: float, high: float, count: int, ticks: list[float]) -> None:
    assert multiples(nice_step(low, high, count), low, high) == ticks


def test_labels_have_the_decimals_that_tell_them_apart() -> None:
    assert [decimals(step) for step in (20.0, 1.0, 0.5, 0.1, 0.002)] == [0, 0, 1, 1, 3]


def test_equal_limits_are_kept_apart() -> None:
    assert limits([3.0, 3.0]) == (2.85, 3.15)
    assert limits([0.0]) == (-0.5, 0.5)


@pytest.mark.parametrize(
    ("inked", "room", "kept"), [([], 28, (0, 28)), ([10, 12], 10, (6, 16)), ([0], 10, (0, 10)), ([27], 10, (18, 28)), ([], 10, (9, 19))]
)
def test_what_does_not_fit_is_cut_off_around_the_ink(inked: list[int], room: int, kept: tuple[int, int]) -> None:
    rows = np.zeros(28, np.uint8)
    rows[inked] = 255
    assert middle(rows, room) == slice(*kept)


@pytest.mark.parametrize(("fraction", "text"), [(0.0, ""), (1.0, "████"), (0.5, "██"), (1 / 32, "▏"), (0.999, "████")])
def test_bars_are_as_long_as_their_share(fraction: float, text: str) -> None:
    assert bar(fraction, 4) == text
