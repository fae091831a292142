"""Choosing a device, a data set and a theme."""

from __future__ import annotations

from tests.tui.support import furnished, make_app, notifications, screen_text, wait_for
from tui.screens.picker import Picker


async def test_another_device_is_opened() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        assert "CPU · mnist" in screen_text(app)
        await wait_for(pilot, lambda: "only a software adapter here" in screen_text(app), "why the CPU was taken")
        await pilot.press("d")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the devices are shown")
        await pilot.press("down", "down", "enter")
        await wait_for(pilot, lambda: "software GPU llvmpipe · mnist" in screen_text(app), "it is the device")


async def test_devices_are_looked_for_where_only_the_cpu_is_known() -> None:
    app = make_app(device="cpu")
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("d")
        await wait_for(pilot, lambda: "software GPU llvmpipe" in screen_text(app), "the devices are shown")


async def test_a_data_set_that_is_not_there_is_told_and_the_one_before_kept() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("D")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the data sets are shown")
        await pilot.press("end", "enter")
        await wait_for(pilot, lambda: "Directory of the data set" in screen_text(app), "the directory is asked for")
        await pilot.press(*"/nowhere", "enter")
        await wait_for(pilot, lambda: "no data set /nowhere" in screen_text(app), "it is told")
        await pilot.press("escape")
        await wait_for(pilot, lambda: "CPU · mnist" in screen_text(app), "the data set is the one before")


async def test_neither_is_chosen_while_training() -> None:
    app = make_app("--hold", "1")
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress, "training has begun")
        for key, what in (("d", "another device"), ("D", "another data set")):
            await pilot.press(key)
            await pilot.pause()
            assert what in notifications(app)
            assert not app.screen.is_modal


async def test_themes_of_every_kind_draw_every_screen() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        for theme in ("digits-light", "ansi-dark", "textual-light", "solarized-dark"):
            app.theme = theme
            for key in "321":
                await pilot.press(key)
        await pilot.press("t")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the themes are shown")
        await pilot.press("home", "enter")
        assert app.theme == "digits-dark"
