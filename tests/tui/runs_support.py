"""What the tests of the screen of runs share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from engine.runs.index import list_runs
from tests.tui.support import furnished, make_app, screen_text, wait_for, write_run
from tui.app import DigitsApp
from tui.widgets.run_table import RunTable

NAMES = ("one", "two", "three")


def three_runs(root: Path) -> Path:
    """The first of them the best and the oldest; their directory."""
    for number, name in enumerate(NAMES, 1):
        write_run(
            root, name, changes={"training.batch_size": 16 * number}, test_accuracy=0.98 - number / 100,
            when=f"2026-01-0{number}T12:00:00+00:00",
        )  # fmt: skip
    return root


@asynccontextmanager
async def opened(root: Path, *arguments: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[DigitsApp, Pilot[None]]]:
    """The dashboard with the runs on screen."""
    app = make_app(*arguments, runs_directory=root)
    async with app.run_test(size=size) as pilot:
        await furnished(pilot, app)
        await pilot.press("6")
        await wait_for(pilot, lambda: "by started" in screen_text(app), "the runs are read")
        yield app, pilot


def listed(app: DigitsApp) -> list[str]:
    return [run.name for run in app.screen.query_one(RunTable).runs]


def names(root: Path) -> set[str]:
    return {summary.name for summary in list_runs(root)}
