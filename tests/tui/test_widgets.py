"""Widgets by themselves, with what would break them."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widget import Widget

from engine.evaluation import CalibrationBin
from engine.insight.histograms import BINS, Histogram, LayerHistograms
from tui import formats
from tui.colours.themes import DARK, defaults
from tui.digits.ranked import Ranked
from tui.shades import condensed
from tui.widgets.activation_rows import ActivationRows
from tui.widgets.bars import bar
from tui.widgets.chart import Chart, Series, thinned
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.contact_sheet import ContactSheet, Thumbnail
from tui.widgets.digit_view import DigitView, View, middle
from tui.widgets.histogram_grid import HistogramGrid, axis, columns, described
from tui.widgets.prediction_bars import PredictionBars
from tui.widgets.reliability import Reliability
from tui.widgets.ticks import decimals, even, limits, multiples, nice_step
from tui.widgets.weight_images import WeightImages


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
    return Series("loss", list(enumerate(values, 1)), "train", "━")


HARD_TO_DRAW: list[tuple[float | None, ...]] = [
    (),
    (None, None),
    (math.nan, math.inf),
    (0.5,),
    (0.5, 0.5, 0.5),
    (0.0, 0.0),
    (1.0, None, -math.inf, 2.0),
    (1e300, -1e300),
    (1e-12, 2e-12),
    (1.7e308, -1.7e308, 0.0),
    (5e-324, 0.0),
    (1.8e-44, 3e-44),
    (1.0, 1 + 2**-52),
]


@pytest.mark.parametrize("size", [(80, 24), (10, 5), (1, 1)])
async def test_no_figures_break_a_chart(size: tuple[int, int]) -> None:
    chart = Chart("Loss", "", "nothing yet")
    async with Stage(chart).run_test(size=size) as pilot:
        for values in HARD_TO_DRAW:
            for shown in ([series(), series(*values)], [series(1.0, 2.0, 3.0)]):
                chart.show(shown)
                await pilot.pause()
                chart.render()  # raises where the values are known


async def test_an_axis_of_shares_ends_at_a_hundred_per_cent() -> None:
    chart = Chart("Accuracy", "%", "nothing yet")
    async with Stage(chart).run_test(size=(60, 20)) as pilot:
        chart.show([series(97.5)])
        await pilot.pause()
        ticks = [float(tick) for tick in re.findall(r"([\d.]+)%", str(chart.render()))]
        assert len(ticks) > 2 and max(ticks) == 100


@pytest.mark.parametrize("values", [(0.5, 0.1, 0.9, 0.3, 0.7), (5e-5, 1e-5, 9e-5), tuple(0.1 + n % 7 / 10 for n in range(12))])
async def test_the_cursor_stands_where_the_points_are_drawn(values: tuple[float, ...]) -> None:
    chart = Chart("Loss", "", "nothing yet")
    async with Stage(chart).run_test(size=(61, 20)) as pilot:
        for x, y in enumerate(values, 1):
            dot = Series("loss", [(x, y)], "train", "•", dotted=True, joined=False)
            ends = [(1, min(values)), (len(values), max(values))]
            chart.show([dot, Series("ends", ends, "validation", "━", joined=False)])
            await pilot.pause()
            bare = str(chart.render())
            chart.point_at(x)
            rows = str(chart.render()).splitlines()
            [column] = {line.index("•") for line in rows if "•" in line}
            crossed = {line.index("│", column) for line in rows if "│" in line[column:]}
            assert crossed == {column} and sum("│" in line[column:] for line in rows) == len(rows) - 3
            chart.point_at(None)
            assert str(chart.render()) == bare


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


@pytest.mark.parametrize("values", [(-1.7e308, 1.7e308), (0.0, 5e-324), (1e-44, 3e-44), (1.0, 1 + 2**-52), (97.5, 97.6)])
def test_an_axis_has_different_numbers_whatever_its_range(values: tuple[float, float]) -> None:
    low, high = limits(values)
    ticks = multiples(nice_step(low, high, 5), low, high)
    assert 2 <= len(ticks) <= 12 and len(set(ticks)) == len(ticks)


@pytest.mark.parametrize("height", [9, 12, 23])
async def test_the_numbers_of_an_axis_are_equally_far_apart(height: int) -> None:
    chart = Chart("Loss", "", "nothing yet")
    async with Stage(chart).run_test(size=(60, height)) as pilot:
        for values in ((0.1409, 0.4213), (81.3, 96.07), (2.301, 0.0041), (-3.0, 8.5), (99.91, 99.94), (0.0, 1e9), (1e-44, 3e-44)):
            chart.show([series(*values)])
            await pilot.pause()
            lines = str(chart.render()).splitlines()
            rows = [row for row, line in enumerate(lines) if "┤" in line]
            assert len(rows) > 1 and len({later - earlier for earlier, later in pairwise(rows)}) <= 1, "\n".join(lines)


@settings(derandomize=True, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e6), st.integers(4, 60), st.integers(2, 12))
def test_an_even_axis_holds_its_points_and_is_not_much_longer(low: float, span: float, rows: int, count: int) -> None:
    begin, end, step = even(low, low + span, rows, count)
    unit = (end - begin) / (rows - 1)
    assert begin - unit * 1e-6 <= low and low + span <= end + unit * 1e-6
    assert begin >= -unit * 1e-6 or low < 0, "nothing is below zero where no point is"
    assert step / unit == pytest.approx(round(step / unit), abs=1e-4) and begin / unit == pytest.approx(round(begin / unit), abs=0.01)
    assert end - begin < 4 * span


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


async def shown(widget: Widget, size: tuple[int, int] = (60, 20)) -> list[str]:
    """What a widget draws, without its colours: every line as wide as the widget."""
    async with Stage(widget).run_test(size=size) as pilot:
        await pilot.pause()
        lines = [widget.render_line(y).text for y in range(widget.size.height)]
        assert {cell_len(line) for line in lines} <= {widget.size.width}
        return lines


async def test_a_bar_shows_where_it_ended_before() -> None:
    bars = PredictionBars()
    bars.ranked = (Ranked("4", 0.75, True, before=0.25), Ranked("9", 0.25, False, before=0.75), Ranked("0", 0.0, False, before=0.001))
    right, wrong, rest = (await shown(bars, (44, 10)))[:3]
    assert right.startswith("✓ 4 ██") and "█│█" in right and right.endswith("75.00% ▲")
    assert "███" in wrong and " │ " in wrong and wrong.endswith("25.00% ▼")
    assert "│" not in rest and rest.rstrip().endswith("0.00%")


async def test_names_of_classes_in_wide_characters_leave_room_for_the_figures() -> None:
    bars = PredictionBars()
    bars.ranked = (Ranked("漢字", 0.25, True, output=-1.5), Ranked("ab", 0.75, False, output=2.0))
    first, second = (await shown(bars))[:2]
    assert first.startswith("✓ 漢字 ") and first.endswith("25.0000%   -1.500")
    assert second.startswith("    ab ") and second.endswith("75.0000%    2.000")


async def test_a_matrix_of_classes_in_wide_characters_stands_below_its_heads() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(60, 24)) as pilot:
        matrix.show([[7, 0, 0], [1, 5, 0], [0, 0, 3]], ["漢字漢字", "字", "ab"])
        await pilot.pause()
        lines = [matrix.render_line(y).text.rstrip() for y in range(4)]
    assert lines == [
        "          漢字   字   ab",
        "漢字漢字     7    ·    ·",
        "      字     1    5    ·",
        "      ab     ·    ·    3",
    ]


def test_a_mean_that_is_left_by_rounding_is_nothing() -> None:
    gradients = Histogram((0,) * BINS, -0.02, 0.0064, 1.7e-12, 0.0043)
    assert described("gradients", gradients, 40) == "gradients  0 ± 0.0043"
    assert described("gradients", replace(gradients, mean=-1e-6), 40) == "gradients  -1e-06 ± 0.0043"


async def test_a_small_probability_is_not_written_as_none() -> None:
    bars = PredictionBars()
    bars.ranked = (Ranked("4", 1.0, True), Ranked("9", 3e-7, False), Ranked("0", 0.0, False))
    assert [line.split()[-1] for line in (await shown(bars))[:3]] == ["100.0000%", "<0.0001%", "0.0000%"]
    assert [formats.percent(value) for value in (0.00004, 0.00006, 0.0)] == ["<0.01%", "0.01%", "0.00%"]
    assert [formats.percent(value) for value in (53_999 / 54_000, 0.99994, 1.0)] == [">99.99%", "99.99%", "100.00%"]
    assert [formats.percent(value, 0) for value in (0.004, 0.29, 0.996)] == ["<1%", "29%", ">99%"]
    assert [formats.done(value, 1) for value in (0.0, 0.57, 0.9999, 1.0)] == ["0.0%", "57.0%", "99.9%", "100.0%"]


def test_the_seconds_of_an_epoch_have_digits_however_few_they_are() -> None:
    times = {0.00127: " 1.27 ms", 0.0994: "99.40 ms", 0.0996: "  0.10 s", 1.25: "  1.25 s", 725.5: "725.50 s"}
    assert [formats.seconds(seconds) for seconds in times] == list(times.values())


def test_a_span_of_time_has_seven_characters_at_the_most() -> None:
    hour, day, year = 3600, 24 * 3600, 365 * 24 * 3600
    spans = {7: "0:07", 3723: "1:02:03", 35_999.4: "9:59:59", 35_999.6: "10 h", 27.4 * hour: "27 h", 999 * hour: "999 h"}
    spans |= {1000 * hour: "42 d", 999.6 * day: "3 y", 99_999 * year: "99999 y"}
    assert [formats.span(seconds) for seconds in spans] == list(spans.values())
    assert all(len(formats.span(1.01**power)) <= 7 for power in range(2800))


async def test_raw_outputs_stand_beside_probabilities_where_given() -> None:
    bars = PredictionBars()
    bars.ranked = (Ranked("4", 1.0, True, output=-12.3456),)
    assert (await shown(bars))[0].endswith("100.0000%  -12.346")


async def test_signs_tell_what_spoke_for_the_decision_without_colours() -> None:
    view = DigitView()
    view.image = np.full((2, 4), 255, np.uint8)
    view.saliency = np.array([[1.0, -1.0, 0.2, -0.2], [0, 0, 0, 0]], np.float32)
    lines = [line.strip() for line in await shown(view, (10, 2))]
    assert lines == ["++--+ -", "%%%%%%%%"]


@pytest.mark.parametrize("name", [view for view in View if view is not View.AUTO])
async def test_every_form_of_a_digit_is_drawn_at_every_size(name: View) -> None:
    for size in ((80, 40), (30, 16), (5, 3), (1, 1)):
        view = DigitView()
        view.view, view.image = name, np.tile(np.arange(28, dtype=np.uint8) * 9, (28, 1))
        view.deskewed = view.image.T
        assert len(await shown(view, size)) == size[1]


async def test_a_digit_is_drawn_deskewed_where_it_is_seen_so() -> None:
    view = DigitView()
    view.image, view.view, view.saliency = np.eye(2, dtype=np.uint8) * 255, View.CONTRAST, np.ones((2, 2), np.float32)
    assert view.following is View.BLOCKS
    view.deskewed = np.array([[255, 0], [255, 0]], np.uint8)
    assert view.following is View.DESKEWED
    view.view = View.DESKEWED
    assert [line.rstrip() for line in await shown(view, (4, 2))] == ["%%", "%%"], "what moved the decision is another digit's"
    view.deskewed = None
    assert view.drawn_as is not View.DESKEWED


async def test_strong_neurons_are_named_and_shaded() -> None:
    rows = ActivationRows()
    rows.activations = (np.array([0, 5, 0, -2.5], np.float32), np.zeros(3, np.float32))
    first, shades, second, _ = (await shown(rows))[:4]
    assert first.startswith("Layer 1, 4 neurons, most active: 2, 4 ")
    assert shades.rstrip() == " % =" or shades.rstrip() == " % +"
    assert second.startswith("Layer 2, 3 neurons, most active: none")
    first, _, second, _ = (await shown(rows, (22, 4)))[:4]
    assert [first.rstrip(), second.rstrip()] == ["Layer 1, 4 neurons", "Layer 2, 3 neurons"], "what has no room is left out"


async def test_neurons_take_as_many_lines_as_there_is_room_for() -> None:
    rows = ActivationRows()
    rows.activations = (np.ones(100, np.float32),)
    lines = [line.rstrip() for line in await shown(rows, (40, 6))]
    assert lines == [lines[0], "%" * 40, "%" * 40, "%" * 20, "", ""]
    assert [line.rstrip() for line in await shown(rows, (40, 3))][1:] == ["%" * 40, ""]


def test_upright_bars_show_a_few_among_thousands() -> None:
    item = Histogram((0,) * 20 + (10_000,) * 20 + (0,) * 19 + (1,), -1.0, 1.0, 0.0, 0.5)
    assert columns(item, 60, 2) == [" " * 20 + "█" * 20 + " " * 20, " " * 20 + "█" * 20 + " " * 19 + "▁"]
    assert columns(item, 7, 1) == ["  ██ ▁"]
    assert axis(item, 25) == "-1" + " " * 17 + "1"


@pytest.mark.parametrize("size", [(80, 24), (30, 10), (1, 1)])
async def test_pictures_of_a_network_fit_any_size(size: tuple[int, int]) -> None:
    images, grid, diagram = WeightImages(), HistogramGrid(), Reliability()
    images.draw(np.random.default_rng(1).normal(size=(9, 5, 7)).astype(np.float32), [f"neuron {n}" for n in range(9)])
    empty = Histogram((0,) * BINS, 0.0, 0.0, 0.0, 0.0)
    grid.histograms = (LayerHistograms("Output", empty, empty, empty, 10, 0),)
    diagram.bins = (CalibrationBin(0.0, 0.5, 0, None, None), CalibrationBin(0.5, 1.0, 7, 1.0, 0.0))
    for widget in (images, grid, diagram):
        assert await shown(widget, size)


async def test_reliability_shows_bars_and_marks() -> None:
    diagram = Reliability()
    diagram.bins = (CalibrationBin(0.8, 0.9, 0, None, None), CalibrationBin(0.9, 1.0, 1234, 0.95, 0.5))
    _, surest, empty = (await shown(diagram, (100, 5)))[:3]
    assert surest.startswith(" 90% - 100%    1,234  ██") and "┃" in surest and surest.endswith("50.00%      95.00%  -45.00%")
    assert empty.rstrip().endswith("-") and "┃" not in empty


async def test_a_matrix_of_many_classes_follows_its_cursor_and_keeps_its_names() -> None:
    classes = [f"class {number}" for number in range(64)]
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(60, 24)) as pilot:
        matrix.show([[100 * (row == column) + ((row, column) == (0, 1)) for column in range(64)] for row in range(64)], classes)
        await pilot.pause()
        assert matrix.size.height == 16 and matrix.part == "rows 1 to 15, columns 1 to 9 of 64"
        matrix.move(-1, -2)
        assert (matrix.cursor, matrix.part) == ((63, 63), "rows 50 to 64, columns 56 to 64 of 64")
        assert matrix.render_line(15).text.startswith("63 class 63 ")
        assert matrix.render_line(0).text.rstrip().endswith("   62   63")
        matrix.move(-14, 0)
        assert matrix.part == "rows 50 to 64, columns 56 to 64 of 64"
        matrix.move(-1, -10)
        assert matrix.part == "rows 49 to 63, columns 54 to 62 of 64"
        await pilot.click(ConfusionMatrix, offset=(12 + 5 * 2 + 2, 3))
        assert matrix.cursor == (50, 55)


def test_two_rows_are_one_line_of_characters() -> None:
    image = np.array([[0, 255, 255, 30], [0, 255, 0, 30], [255, 0, 0, 0]], np.uint8)
    assert [condensed(image, number) for number in (0, 1)] == [" %=.", "%   "]


async def test_captions_below_small_images_are_told_apart() -> None:
    sheet = ContactSheet()
    sheet.thumbnails = tuple(Thumbnail(np.zeros((8, 8), np.uint8), f"{number}: shirt taken for dress") for number in range(4))
    lines = await shown(sheet, (60, 12))
    captions = next(line for line in lines if "taken" in line)
    assert " ".join(captions.split()) == "0: shirt taken for dress 1: shirt taken for dress"
