"""What is done to the runs that are marked, and to the one under the cursor where none is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.events import EpochEnded
from engine.runs.index import list_runs
from tests.tui.runs_support import listed, names, opened, three_runs
from tests.tui.support import notifications, screen_text, train_screen, wait_for, write_run
from tui.widgets.comparison_pane import ComparisonPane
from tui.widgets.learning_curves import chart_title
from tui.widgets.run_charts import RunCharts
from tui.widgets.run_table import RunTable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return three_runs(tmp_path / "runs")


async def test_marked_runs_are_compared(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("c")
        assert "Mark 2 to 10 runs first" in notifications(app)
        await pilot.press("space", "space", "c")
        comparison = app.screen.query_one(ComparisonPane)
        await wait_for(pilot, lambda: "2 runs: what differs" in screen_text(app) and comparison.is_up_to_date, "they are compared")
        text = screen_text(app)
        assert "96.00% ★" in text and "training.batch_size" in text and "training.epochs" not in text
        assert "A three" in text and "B two" in text and "━ B" in text
        await pilot.press("right")
        await wait_for(pilot, lambda: "• B" in screen_text(app), "the second run's curve is in front")
        await pilot.press("A")
        await wait_for(pilot, lambda: "2 runs: all values" in screen_text(app) and "Parameters" in screen_text(app), "all is shown")
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Runs: 3, 2 marked" in screen_text(app), "the list is back")
    assert {summary.name for summary in list_runs(root) if summary.is_marked} == {"two", "three"}


def test_the_charts_say_which_part_their_curves_are_of() -> None:
    values: dict[str, Any] = {"learning_rate": 0.1, "train_loss": 1.0, "train_accuracy": 0.5, "seconds": 1.0, "samples_per_second": 9.0}
    trained = EpochEnded(epoch=1, best_epoch=1, validation_loss=None, validation_accuracy=None, **values)
    validated = replace(trained, validation_loss=1.0, validation_accuracy=0.5)
    assert chart_title("accuracy", [[validated], [validated], []]) == "Validation accuracy"
    assert chart_title("loss", [[trained], [trained]]) == "Training loss"
    assert chart_title("loss", [[trained], [validated]]) == "Loss", "of both"


async def test_ten_of_many_are_compared(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    for number in range(12):
        write_run(root, f"run-{number}", epochs=2, is_marked=True, when=f"2026-01-{number + 1:02}T12:00:00+00:00")
        (root / f"run-{number}" / "marked").touch()
    async with opened(root, size=(80, 24)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "10 runs" in screen_text(app), "they are compared")
        assert "Only the first 10 of 12 marked runs are shown." in notifications(app) and "J run-2" not in screen_text(app)
        await pilot.press(*["right"] * 12)
        await wait_for(pilot, lambda: "J run-2" in screen_text(app), "the last is in sight")


@pytest.mark.parametrize("keys", [(), ("up",)], ids=["cursor beside them", "cursor on one of them"])
async def test_all_marked_runs_go_and_come_back_together(root: Path, keys: tuple[str, ...]) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("space", "space", *keys, "x")
        await wait_for(pilot, lambda: names(root) == {"one"}, "both are gone")
        await wait_for(pilot, lambda: listed(app) == ["one"], "the list is shorter")
        assert "2 runs moved to the trash; u takes it back." in notifications(app)
        await pilot.press("u")
        await wait_for(pilot, lambda: listed(app) == ["three", "two", "one"], "both are back")
        assert app.screen.query_one(RunTable).runs[0].is_marked


async def test_one_marked_run_is_meant_wherever_the_cursor_is(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("space", "c")
        assert "Mark 2 to 10 runs first" in notifications(app)
        await pilot.press("v")
        await wait_for(pilot, lambda: "A three" in notifications(app).splitlines(), "it is in the charts")
        assert [item.title for item in app._notifications if "A three" in item.message] == ["1 run in the charts of Train (1)"]
        assert [run.directory for run in app.client.overlaid] == [root / "three"]
        await pilot.press("x")
        await wait_for(pilot, lambda: listed(app) == ["two", "one"], "it is in the trash")


async def test_marked_runs_lie_behind_the_run_in_hand(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("space", "space", "v")
        await wait_for(pilot, lambda: "A three\nB two" in notifications(app), "they are there")
        await pilot.press("1", "f")
        charts = train_screen(app).query_one(RunCharts)
        await wait_for(pilot, lambda: "A three" in screen_text(app) and charts.is_up_to_date, "without a run in hand too")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over and charts.is_up_to_date, "a run is over")
        assert "B two" in screen_text(app) and "validation" in screen_text(app)
        await pilot.press("6", "v", "1")
        await wait_for(pilot, lambda: "B two" not in screen_text(app), "they are gone")


async def test_overlaid_runs_keep_their_letters_beside_the_run_in_hand(root: Path) -> None:
    async with opened(root, "--run", str(root / "three")) as (app, pilot):
        await pilot.press("1", "r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "a run is in hand")
        await pilot.press("6", "space", "space", "v")
        await wait_for(pilot, lambda: "A three, in hand: in front\nB two" in notifications(app), "they are there")
        await pilot.press("1")
        await wait_for(pilot, lambda: "━ B two" in screen_text(app), "the charts agree")
