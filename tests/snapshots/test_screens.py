"""How the screens look: at three sizes, in our four themes, and without colours."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.runs.marks import set_mark
from engine.runs.names import runs_directory
from engine.runs.notes import write_note
from tests.tui.support import furnished, make_app, screen_text, train_screen, wait_for, write_model, write_run
from tui.app import DigitsApp
from tui.colours.themes import ANSI, COLOUR_BLIND, DARK, LIGHT
from tui.widgets.comparison_pane import ComparisonPane
from tui.widgets.run_charts import RunCharts
from tui.widgets.run_detail import RunDetail

Steps = Callable[[Pilot[None], DigitsApp], Coroutine[Any, Any, None]]
SMALL, LARGE, HUGE = (80, 24), (120, 40), (200, 60)


async def idle(pilot: Pilot[None], app: DigitsApp) -> None:
    await furnished(pilot, app)
    await wait_for(pilot, lambda: "Press r to train" in screen_text(app), "all is ready")


async def field(pilot: Pilot[None], app: DigitsApp) -> None:
    await idle(pilot, app)
    await pilot.press("tab", "down", "1", "6", ",", "x")
    await wait_for(pilot, lambda: "cannot run" in screen_text(app), "the field is wrong")


async def finished(pilot: Pilot[None], app: DigitsApp) -> None:
    await furnished(pilot, app)
    await pilot.press("r")
    await wait_for(pilot, lambda: "test accuracy" in screen_text(app), "the run is finished")
    charts = train_screen(app).query_one(RunCharts)
    await wait_for(pilot, lambda: charts.is_up_to_date, "the last epoch is drawn")


async def digits(pilot: Pilot[None], app: DigitsApp) -> None:
    await finished(pilot, app)
    await pilot.press("2")
    await wait_for(pilot, lambda: "of 10,000 wrong" in screen_text(app), "all digits are predicted")


async def statistics(pilot: Pilot[None], app: DigitsApp) -> None:
    await finished(pilot, app)
    await pilot.press("3")
    await wait_for(pilot, lambda: "Calibration error" in screen_text(app), "the figures are shown")


async def draw(pilot: Pilot[None], app: DigitsApp) -> None:
    await finished(pilot, app)
    await pilot.press("5")
    await wait_for(pilot, lambda: "Draw with the mouse" in screen_text(app), "the canvas is there")
    await pilot.press("H", "H", "K", "K", "space", *["right"] * 14, *["end"] * 12, *["down"] * 3)
    await wait_for(pilot, lambda: "Prediction  " in screen_text(app) and "pen down" in screen_text(app), "a seven is drawn")


async def sweep(pilot: Pilot[None], app: DigitsApp) -> None:
    await idle(pilot, app)
    await pilot.press("4")
    await wait_for(pilot, lambda: "ready to search" in screen_text(app), "the form is ready")


async def swept(pilot: Pilot[None], app: DigitsApp) -> None:
    await sweep(pilot, app)
    await pilot.press("r")
    await wait_for(pilot, lambda: "winner: trial 3" in screen_text(app), "the sweep is finished")


async def runs(pilot: Pilot[None], app: DigitsApp) -> None:
    states = ("finished", "stopped", "failed", "interrupted")
    for number in range(8):
        changes = {"training.seed": number, "training.batch_size": 32 * (1 + number % 3), "network.hidden": [16 * (number + 1)]}
        name, when, state = f"2026010{number + 1}-120000-quick", f"2026-01-0{number + 1}T12:00:00+00:00", states[number % 4]
        figures = {"test_accuracy": 0.96 + number / 400, "test_loss": 0.12 - number / 100} if state == "finished" else {}
        path = write_run(runs_directory(), name, 8 + number, changes, when=when, state=state.replace("interrupted", "running"), **figures)
        (path / "model.safetensors").write_bytes(bytes(1_230_000))
        set_mark(path, number in (3, 4, 7))
        if number == 7:
            write_note(path, "for the talk")
    await furnished(pilot, app)
    await pilot.press("6")
    await wait_for(pilot, lambda: "Runs: 8, 3 marked" in screen_text(app) and "by started" in screen_text(app), "the runs are listed")
    await pilot.press("down", "up")
    await wait_for(pilot, lambda: app.screen.query_one(RunDetail).is_up_to_date, "the curve is drawn")


async def comparison(pilot: Pilot[None], app: DigitsApp) -> None:
    await runs(pilot, app)
    await pilot.press("c")
    await wait_for(pilot, lambda: app.screen.query(ComparisonPane) and "3 runs: what differs" in screen_text(app), "they are compared")
    await pilot.press("right")
    await wait_for(pilot, lambda: "• B" in screen_text(app), "the second one's curve is in front")
    await wait_for(pilot, lambda: app.screen.query_one(ComparisonPane).is_up_to_date, "all curves are drawn")


@pytest.mark.parametrize(
    ("steps", "size", "theme", "environment"),
    [
        pytest.param(idle, SMALL, DARK, {}, id="train-idle-80x24-dark"),
        pytest.param(field, LARGE, DARK, {}, id="train-field-120x40-dark"),
        pytest.param(finished, SMALL, DARK, {"NO_COLOR": "1"}, id="train-finished-80x24-no-color"),
        pytest.param(finished, LARGE, LIGHT, {}, id="train-finished-120x40-light"),
        pytest.param(finished, HUGE, COLOUR_BLIND, {}, id="train-finished-200x60-okabe-ito"),
        pytest.param(digits, LARGE, ANSI, {}, id="digits-120x40-ansi"),
        pytest.param(digits, SMALL, LIGHT, {}, id="digits-80x24-light"),
        pytest.param(digits, LARGE, DARK, {}, id="digits-120x40-dark"),
        pytest.param(statistics, SMALL, DARK, {"NO_COLOR": "1"}, id="statistics-80x24-no-color"),
        pytest.param(statistics, LARGE, DARK, {}, id="statistics-120x40-dark"),
        pytest.param(sweep, SMALL, LIGHT, {}, id="sweep-form-80x24-light"),
        pytest.param(swept, LARGE, DARK, {}, id="sweep-120x40-dark"),
        pytest.param(draw, SMALL, LIGHT, {}, id="draw-80x24-light"),
        pytest.param(draw, LARGE, DARK, {}, id="draw-120x40-dark"),
        pytest.param(runs, SMALL, LIGHT, {}, id="runs-80x24-light"),
        pytest.param(runs, LARGE, DARK, {}, id="runs-120x40-dark"),
        pytest.param(comparison, LARGE, DARK, {"NO_COLOR": "1"}, id="runs-compared-120x40-no-color"),
    ],
)
def test_screen(
    steps: Steps,
    size: tuple[int, int],
    theme: Any,
    environment: dict[str, str],
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    directory = tmp_path / "scripted"
    directory.mkdir()
    app = make_app("--run", str(write_model(directory)))
    app.theme = theme.name

    async def run_before(pilot: Pilot[None]) -> None:
        await steps(pilot, app)

    assert snap_compare(app, terminal_size=size, run_before=run_before)
