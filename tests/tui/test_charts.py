"""The charts of a run: zoom, scale, cursor, and the axes' numbers."""

from __future__ import annotations

import math

import pytest
from textual.pilot import Pilot

from engine.events import EpochEnded
from tests.tui.support import furnished, make_app, screen_text, wait_for
from tui.app import DigitsApp
from tui.runs.view import RunPhase, RunView
from tui.widgets.chart import Chart
from tui.widgets.run_charts import RunCharts
from tui.widgets.ticks import labels, logarithmic_ticks


async def finished(pilot: Pilot[None], app: DigitsApp) -> RunCharts:
    screen = await furnished(pilot, app)
    await pilot.press("r")
    await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is finished")
    await wait_for(pilot, lambda: "━ train" in screen_text(app), "the charts are drawn")
    return screen.query_one(RunCharts)


async def test_zoom_goes_through_the_charts_and_back_to_all() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        charts = await finished(pilot, app)

        def visible() -> list[str]:
            return [str(chart.id) for chart in charts.query("Chart") if chart.size.width]

        for size, shown in (((80, 24), 2), ((120, 40), 3)):
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda shown=shown: len(visible()) == shown, "those that there is room for are shown")  # type: ignore[misc]
            for expected in (["accuracy"], ["loss"], ["learning-rate"], visible()):
                await pilot.press("z")
                await wait_for(pilot, lambda expected=expected: visible() == expected, f"{expected} is shown")


async def test_the_log_scale_is_that_of_loss_and_learning_rate() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        await pilot.press("L")
        await wait_for(pilot, lambda: "Loss, log" in screen_text(app), "the scale is named")
        text = screen_text(app)
        assert "Learning rate, log" in text and "Accuracy, log" not in text
        await pilot.press("L")
        await wait_for(pilot, lambda: "Loss, log" not in screen_text(app), "the scale is linear again")


async def test_narrow_charts_name_every_curve_and_read_every_value() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await finished(pilot, app)
        assert "Accuracy ━ train • val" in screen_text(app) and "Loss ━ train • val" in screen_text(app)
        await pilot.press("c")
        await wait_for(pilot, lambda: "8 ━ 98.75% • 97.75%" in screen_text(app), "both accuracies are read")


async def test_the_cursor_reads_an_epoch_in_all_charts() -> None:
    app = make_app()
    async with app.run_test(size=(200, 60)) as pilot:
        charts = await finished(pilot, app)
        await pilot.press("left")
        assert charts.cursor is None
        await pilot.press("c")
        await wait_for(pilot, lambda: "epoch 8 ━ 98.75% • 97.75%" in screen_text(app), "the last epoch is read")
        await pilot.press("left", "h")
        await wait_for(pilot, lambda: "epoch 6" in screen_text(app), "two epochs before")
        text = screen_text(app)
        assert "━ 0.083 • 0.093" in text and "━ 1.67e-3" in text
        await pilot.press(*["left"] * 9, "right")
        assert charts.cursor == 2
        await pilot.press("escape")
        await wait_for(pilot, lambda: "epoch 2 " not in screen_text(app), "the cursor is gone")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.01, 1.0, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]),
        (1e-6, 1.0, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
        (0.25, 0.4, [0.25, 0.4]),
    ],
)
def test_logarithmic_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert logarithmic_ticks(math.log10(low), math.log10(high), 8) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ([98.0, 98.5], "%", ["98.0%", "98.5%"]),
        ([0.001, 0.0015], "", ["1e-3", "1.5e-3"]),
        ([0.00198, 0.001985, 0.00199], "", ["1.98e-3", "1.985e-3", "1.99e-3"]),
        ([95.0], "%", ["95%"]),
        ([0.0, 2e-3], "", ["0", "2e-3"]),
        ([], "%", []),
    ],
)
def test_numbers_on_an_axis_are_told_apart(values: list[float], unit: str, texts: list[str]) -> None:
    assert labels(values, unit) == texts


async def test_the_lines_of_an_ensembles_members_are_not_joined() -> None:
    def ended(epoch: int, member: int) -> EpochEnded:
        return EpochEnded(
            epoch=epoch, member=member, learning_rate=1 / epoch, train_loss=0.5, train_accuracy=0.9, validation_loss=0.4,
            validation_accuracy=0.95, seconds=1.0, samples_per_second=1e3, best_epoch=epoch,
        )  # fmt: skip

    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        charts = (await furnished(pilot, app)).query_one(RunCharts)
        epochs = tuple(ended(epoch, 1 + (epoch > 3)) for epoch in range(1, 6))
        charts.show(RunView(hyperparameters={}, preset="quick", epochs=epochs), [])
        found = [series.lines(series.finite) for chart in charts.query(Chart) for series in chart.series]
        assert [[[x for x, _ in line] for line in lines] for lines in found] == 5 * [[[1, 2, 3], [4, 5]]]
