"""What the dashboard waits for, and what it lacks, has its name on screen."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from engine.hyperparameters.configuration import plain
from engine.presets import preset
from tests.tui.support import make_app, notifications, opened, screen_text, wait_for, write_run
from tui.app import DigitsApp
from tui.runs.view import RunPhase, RunView
from tui.settings import Settings

SILENT = shlex.join([sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"])


async def test_loading_is_named_and_a_run_waits_for_it() -> None:
    app = make_app(worker=SILENT)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: screen_text(app).count("loading data") == 2, "the header and the run's line name it")
        await wait_for(pilot, lambda: app.screen.query("RunCharts"), "the form is there")
        await pilot.press("r")
        await wait_for(pilot, lambda: "loading data; the run begins by itself" in screen_text(app), "the run waits")


async def test_compiling_is_named() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        app.client.show(RunView(hyperparameters=plain(preset("quick").hyperparameters), preset="quick", phase=RunPhase.COMPILING))
        await wait_for(pilot, lambda: "compiling shaders" in screen_text(app), "it is named")


async def test_a_lost_worker_is_named_in_every_mode() -> None:
    app = make_app(worker="/nowhere/worker")
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.screen.is_modal, "it is told")
        await pilot.press("escape")
        for key in "123":
            await pilot.press(key)
            await wait_for(pilot, lambda: "worker lost" in screen_text(app), "the header names it")


async def test_what_is_empty_says_how_to_open_one_of_the_runs_there(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_run(tmp_path, name)
    app = make_app(runs_directory=tmp_path, settings=Settings(keys={"view.show_runs": "Z"}))
    async with opened(app, size=(120, 40)) as (pilot, _):
        for key in ("2", "3", "5"):
            await pilot.press(key)
            words = lambda: " ".join(screen_text(app).replace("│", " ").split())  # noqa: E731
            await wait_for(pilot, lambda words=words: "your 2 runs." in words(), f"screen {key} does")  # type: ignore[misc]
        await pilot.press("f7")
        await wait_for(pilot, lambda: "or Z, then Enter, to open one of your 2 runs." in notifications(app), "an export does")


HEADERS = {
    120: "a-run  training 19%  CPU · mnist",
    84: "6 Runs training 19%  CPU · mnist",
    80: "6 Runs   training 19%  mnist",
    71: "6 Runs training 19%",
    66: "6 Runs traini…",
    60: "6 Runs",
}
"""How the first line ends at a width, away from the screen that tells of the run anyway."""


async def test_the_header_tells_of_the_run_in_hand_where_there_is_room_and_cuts_words_with_an_ellipsis() -> None:
    app = make_app("--hold", "2", "--run", "/runs/a-run")
    async with opened(app, size=(66, 24)) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        assert header(app).endswith("mnist") and "training" not in header(app)
        await pilot.resize_terminal(60, 24)
        await wait_for(pilot, lambda: header(app).endswith("6 Runs"), "there is no room for the data set")
        await pilot.press("2")
        for width, ending in HEADERS.items():
            await pilot.resize_terminal(width, 24)
            await wait_for(pilot, lambda ending=ending: header(app).endswith(ending), f"{ending} is told")  # type: ignore[misc]
        await pilot.resize_terminal(120, 24)
        app.client.pause()
        await wait_for(pilot, lambda: "paused 19%" in header(app), "the pause too")


def header(app: DigitsApp) -> str:
    return screen_text(app).partition("\n")[0].rstrip()


async def test_the_keys_at_the_foot_are_shown_whole_or_not_at_all() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, _):
        await pilot.press("tab", "down", "down")
        foot = lambda: screen_text(app).splitlines()[-1].rstrip()  # noqa: E731
        await wait_for(pilot, lambda: foot().endswith(" q Quit"), "what has no room is left out")
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: foot().endswith(" Esc Leave the form"), "there is room")
        await pilot.resize_terminal(61, 24)
        await wait_for(pilot, lambda: foot().endswith(" ^p Menu"), "there is no more")


async def test_the_name_gives_way_to_the_device_where_there_is_no_room_for_both() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, _):
        for size, is_named in (((80, 24), False), ((120, 40), True)):
            await pilot.press("1")
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda is_named=is_named: ("digits-tui" in header(app)) is is_named, "the name is there or is not")  # type: ignore[misc]
            assert "CPU · mnist" in header(app)
            await pilot.click("Header", offset=(header(app).index("Statistics"), 0))
            await wait_for(pilot, lambda: app.current_mode == "statistics", "a click on a tab shows its screen")
