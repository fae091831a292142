"""Keys of the user's own: every text names them, and every one keeps its place in the footer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.support import few_digits, make_app, notifications, opened, screen_text, train_screen, wait_for, write_model
from tui.app import DigitsApp
from tui.keymap import key_in_force, shared_kept
from tui.screens.help import HelpScreen
from tui.screens.notice import Notice
from tui.settings import Settings
from tui.state import Memory
from tui.widgets.epoch_log import EpochLog

OWN = {
    "train.run": "O",
    "train.resume": "M",
    "train.stop": "S",
    "train.fix": "I",
    "train.undo": "B",
    "train.copy": "C",
    "train.zoom": "Z",
    "view.show_train": "A",
    "statistics.see_confusion": "K",
    "worker.restart": "N",
    "app.help": "H",
    "app.command_palette": "ctrl+k",
}
SETTINGS = Settings(keys=shared_kept(OWN))


def footer(app: DigitsApp) -> list[str]:
    """Its titles, in order."""
    return [str(key.description) for key in app.screen.query("FooterKey")]  # type: ignore[attr-defined]


def test_a_key_is_named_as_it_is_in_force() -> None:
    assert key_in_force({}, "train.run") == "r"
    assert key_in_force(OWN, "train.run") == "O"
    assert key_in_force(OWN, "train.pause") == "p"


async def test_a_key_of_ones_own_keeps_its_place_in_the_footer() -> None:
    orders = []
    for settings in (Settings(), SETTINGS):
        app = make_app(settings=settings)
        async with opened(app) as (pilot, _):
            await wait_for(pilot, lambda app=app: len(footer(app)) > 5, "the footer is there")  # type: ignore[misc]
            orders.append(footer(app))
            assert ("O Run" in screen_text(app)) is (settings is SETTINGS)
    assert orders[0] == orders[1]
    assert orders[0][0] == "Run" and orders[0][-1] == "Quit"


async def test_the_greeting_names_them_and_takes_them(tmp_path: Path) -> None:
    app = make_app(settings=SETTINGS, memory=Memory(tmp_path / "state.json"))
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it greets")
        await wait_for(pilot, lambda: "O  Train a network" in screen_text(app), "what can be pressed is named")
        assert "^k  Everything by its name" in screen_text(app)
        await pilot.press("O")
        await wait_for(pilot, lambda: app.client.run, "the key it named does what it said")


async def test_the_train_screen_names_them() -> None:
    app = make_app("--hold", "2", "--hint", "training.batch_size=32", settings=SETTINGS)
    async with opened(app, size=(120, 40)) as (pilot, screen):
        await wait_for(pilot, lambda: "Press O to train with these hyperparameters, H for help." in screen_text(app), "all is ready")
        await pilot.press("O")
        await wait_for(pilot, lambda: "I fix  It learns by heart" in screen_text(app), "the hint names its key")
        await wait_for(pilot, lambda: "Z zoom  c read values" in screen_text(app), "the charts name theirs")
        await pilot.press("p")
        await wait_for(pilot, lambda: "paused  M resumes" in screen_text(app), "the pause names what ends it")
        await pilot.press("d")
        assert "stop it in Train (S)" in notifications(app)
        await pilot.press("I", "enter")
        await wait_for(pilot, lambda: "B takes it back" in notifications(app), "the fix names what undoes it")
        screen.query_one(EpochLog).focus()
        await wait_for(pilot, lambda: "C copy row  Y copy all" in screen_text(app), "the log names its keys")


async def test_the_other_screens_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    app = make_app(settings=SETTINGS)
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("2")
        await wait_for(pilot, lambda: "Press A, then O," in screen_text(app), "the digits do")
        await pilot.press("3")
        await wait_for(pilot, lambda: "Press A, then O, to train a network" in screen_text(app), "the statistics do")
        assert re.search(r"A Train +2 Digits", screen_text(app))
        await pilot.press("f7")
        await wait_for(pilot, lambda: "Press A, then O, to train a network." in notifications(app), "an export does")
        await pilot.press("A", "O")
        await wait_for(pilot, lambda: app.client.run and app.client.run.evaluation, "the run is over")
        await pilot.press("3")
        await wait_for(pilot, lambda: "K Confusion" in screen_text(app), "the pages do")


async def test_a_lost_worker_and_help_name_them(tmp_path: Path) -> None:
    app = make_app("--die", "1", "--run", str(write_model(tmp_path)), settings=SETTINGS)
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("O")
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "the death is told")
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Press N to start it again" in screen_text(app), "what to press is named")
        await pilot.press("d")
        assert "press N to start it again" in notifications(app)
        await pilot.press("H")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen), "help is shown")
        await pilot.press("H")
        await wait_for(pilot, lambda: app.screen is train_screen(app), "the key that opened it closes it")
