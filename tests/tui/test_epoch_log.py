"""The epoch log: following, scrolling away, copying."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from engine.hyperparameters.configuration import from_plain
from tests.tui.support import furnished, make_app, notifications, opened, screen_text, wait_for, write_model, write_run
from tui.app import DigitsApp
from tui.runs.view import RunPhase
from tui.widgets.epoch_log import EpochLog

LONG = from_plain({"training": {"epochs": 60}})


async def held(pilot: Pilot[None], app: DigitsApp, epochs: int) -> EpochLog:
    """The log of a run that waits in the epoch after ``epochs``."""
    screen = await furnished(pilot, app)
    await pilot.press("r")
    await wait_for(pilot, lambda: app.client.run and len(app.client.run.epochs) == epochs, "the run waits")
    await pilot.pause()
    return screen.query_one(EpochLog)


async def test_it_follows_the_newest_unless_scrolled_away() -> None:
    app = make_app("--hold", "41", hyperparameters=LONG)
    async with app.run_test(size=(120, 40)) as pilot:
        log = await held(pilot, app, 40)
        assert "[40]" in screen_text(app) and log.row.startswith("[40]")
        log.focus()
        await pilot.press("home")
        await wait_for(pilot, lambda: "[01]" in screen_text(app) and "End follow" in screen_text(app), "the first rows are shown")
        await pilot.press("s")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        assert "[01]" in screen_text(app) and "[41]" not in screen_text(app)
        await pilot.press("end")
        await wait_for(pilot, lambda: "[41]" in screen_text(app) and "End follow" not in screen_text(app), "it follows again")


async def test_the_end_of_a_run_is_found_that_was_opened_behind_the_form(tmp_path: Path) -> None:
    app = make_app(open=write_model(write_run(tmp_path, "long", epochs=60)))
    async with opened(app, size=(80, 24)) as (pilot, _):
        await wait_for(pilot, lambda: app.client.run, "the run is opened")
        await pilot.press("f")
        await wait_for(pilot, lambda: "[60]" in screen_text(app), "the last row is shown")


async def test_the_newest_row_is_in_sight_after_epochs_that_ended_behind_another_screen() -> None:
    app = make_app("--hold", "3", hyperparameters=LONG)
    async with app.run_test(size=(120, 40)) as pilot:
        await held(pilot, app, 2)
        await pilot.press("2")
        app.client.resume()
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        await pilot.press("1")
        await wait_for(pilot, lambda: "[60]" in screen_text(app), "the last row is shown")


async def test_a_row_and_the_whole_log_are_copied() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is finished")
        screen.query_one(EpochLog).focus()
        await wait_for(pilot, lambda: "y copy row" in screen_text(app), "the keys are shown")
        await pilot.press("up", "k", "down", "y")
        await wait_for(pilot, lambda: app.clipboard, "the row is copied")
        assert app.clipboard == "[07] LR: 1.43e-3, Acc.: 97.57%, Cost: 0.081    1.25 s       640/s"
        assert app.clipboard in notifications(app)
        await pilot.press("Y")
        await wait_for(pilot, lambda: app.clipboard.count("\n") == 7, "the log is copied")
        assert app.clipboard.startswith("[01] LR: 1.00e-2")


async def test_figures_of_a_row_are_shown_whole_or_not_at_all() -> None:
    app = make_app("--hold", "41", hyperparameters=LONG)
    async with app.run_test(size=(120, 30)) as pilot:
        await held(pilot, app, 40)

        def row() -> str:
            return next((line.rstrip("│▁▂▃▄▅▆▇█ ") for line in screen_text(app).splitlines() if "[40]" in line), "")

        for width, end in ((120, "    1.25 s       640/s"), (110, "    1.25 s"), (100, "   1.25 s")):
            await pilot.resize_terminal(width, 30)
            await wait_for(pilot, lambda end=end: row().endswith(f"Cost: 0.022{end}"), f"at {width} columns")  # type: ignore[misc]
