"""What is entered for a sweep, before it begins."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, OptionList

from tests.tui.support import (
    notifications,
    screen_text,
    wait_for,
)
from tests.tui.sweep_support import held, sweep_app, sweep_screen, type_in
from tui.app import DigitsApp
from tui.widgets.choice import Choice
from tui.widgets.sweep_form import SweepForm


def app_with_a_sweep(root: Path) -> DigitsApp:
    """Where the name ``taken`` is."""
    (root / "sweeps").mkdir()
    (root / "sweeps" / "taken.db").touch()
    return sweep_app(root)


async def test_only_what_is_right_is_remembered(tmp_path: Path) -> None:
    app = app_with_a_sweep(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await sweep_screen(pilot, app)
        await type_in(pilot, screen, "trials", "1q")
        await wait_for(pilot, lambda: "'1q' is not a whole number" in screen_text(app), "it is wrong")
        assert app.arrangement("sweep.form", {})["trials"] == "1"
        await type_in(pilot, screen, "trials", "12")
        await type_in(pilot, screen, "name", "taken")
        await type_in(pilot, screen, "minutes", "3")
        await wait_for(pilot, lambda: app.arrangement("sweep.form", {})["minutes"] == "3", "the name is no matter")
        assert "name" not in app.arrangement("sweep.form", {})


async def test_what_is_entered_is_checked_as_it_is_typed(tmp_path: Path) -> None:
    app = app_with_a_sweep(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await sweep_screen(pilot, app)
        await type_in(pilot, screen, "learning_rate.initial", "1e-4..x")
        await wait_for(pilot, lambda: "'x' in 1e-4..x is not a number" in screen_text(app), "the sentence of the search space is shown")
        assert "1 wrong" in screen_text(app)
        await pilot.press("escape", "r")
        await wait_for(pilot, lambda: app.focused is not None and app.focused.name == "learning_rate.initial", "it is gone to")
        assert "is not a number" in notifications(app) and app.sweeps.sweep is None
        await type_in(pilot, screen, "learning_rate.initial", "1e-3..1e-2")
        await type_in(pilot, screen, "name", "taken")
        await wait_for(pilot, lambda: "there is a sweep taken already" in screen_text(app), "a name can be had once")
        await type_in(pilot, screen, "name", "")
        await type_in(pilot, screen, "trials", "many")
        await wait_for(pilot, lambda: "'many' is not a whole number" in screen_text(app), "trials are counted")
        await type_in(pilot, screen, "trials", "7")
        await wait_for(pilot, lambda: "Train 7 networks" in screen_text(app), "the plan follows")
        assert "then 25 more trainings" in screen_text(app) and "5 fresh seeds: 25 trainings" in screen_text(app)
        await type_in(pilot, screen, "trials", "3")
        await wait_for(pilot, lambda: "Train the best 3 again" in screen_text(app), "no more are trained again than there are")
        await type_in(pilot, screen, "minutes", "1")
        await type_in(pilot, screen, "trials", "1")
        await wait_for(pilot, lambda: "Train 1 network, for at most 1 minute" in screen_text(app), "one is one")
        assert "Train the best again" in screen_text(app) and "1 trial in 1 minute over" in screen_text(app)
        await type_in(pilot, screen, "minutes", "")
        assert screen.check_action("run", ())


async def test_a_field_stays_explained_while_its_list_is_open(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 60)) as pilot:
        screen = await sweep_screen(pilot, app)
        await wait_for(pilot, lambda: screen.query_one(SweepForm).query(Choice), "the group is open")
        screen.query_one(SweepForm).query(Choice).first().focus()
        await wait_for(pilot, lambda: "sampler" in screen_text(app), "the field is explained")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.focused, OptionList), "the list is open")
        await wait_for(pilot, lambda: "sampler" in screen_text(app) and "Enter opens the group" not in screen_text(app), "it still is")


async def test_enter_in_an_empty_field_varies_it_and_the_base_is_the_form_of_train(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 50)) as pilot:
        screen = await sweep_screen(pilot, app)
        assert next(field for field in screen.query(Input) if field.name == "network.hidden").placeholder == "128"
        await type_in(pilot, screen, "network.hidden", "")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "[32] | [128] | [256]" in screen_text(app), "it varies over what comes with it")
        await pilot.press("escape", "1", "tab", "down", "9", "escape", "4")
        await wait_for(pilot, lambda: "quick, 1 changed" in screen_text(app), "the plan has the form's values")
        await pilot.press("y")
        await wait_for(pilot, lambda: app.clipboard, "the command line is copied")
        assert app.clipboard.startswith("digits-tui sweep --preset quick --set 'network.hidden=[9]'") and "--trials 50" in app.clipboard


async def test_while_a_sweep_goes_on_the_form_offers_no_other(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await held(pilot, app, 2)
        await pilot.press("f")
        await wait_for(
            pilot, lambda: "f shows the sweep found, s ends it, Tab goes to the form." in screen_text(app), "what there is to do"
        )
        assert "ready once the sweep in hand has ended" in screen_text(app) and not screen.check_action("run", ())
        await pilot.press("s", "enter")
        await wait_for(pilot, lambda: "r searches, f shows the sweep found" in screen_text(app), "another can begin")
        assert "ready to search" in screen_text(app)
