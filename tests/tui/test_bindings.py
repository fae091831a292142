"""The one table of actions, and what is made of it."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.widgets import Static

from tests.tui.support import furnished, make_app, screen_text, wait_for
from tui.app import DigitsApp
from tui.bindings import ACTIONS, Action, Place, key_name
from tui.commands import entry
from tui.screens.digits import DigitsScreen
from tui.screens.help import HelpScreen, contents
from tui.screens.jump import JumpScreen, places
from tui.screens.mode import ModeScreen
from tui.screens.statistics import StatisticsScreen
from tui.screens.train import TrainScreen
from tui.widgets.epoch_log import EpochLog

PLACES: dict[Place, type[DigitsApp | ModeScreen]] = {
    "anywhere": DigitsApp,
    "train": TrainScreen,
    "digits": DigitsScreen,
    "statistics": StatisticsScreen,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_whole(action: Action) -> None:
    assert action.keys and action.title and action.help.endswith(".")
    assert callable(getattr(PLACES[action.where], f"action_{action.method}"))
    assert any(text == f"{action.help} ({action.id})" for topic in contents() for _, text in topic.rows)


def test_ids_are_unique_and_keys_do_not_clash() -> None:
    assert max(Counter(action.id for action in ACTIONS).values()) == 1
    for place in PLACES:
        here = [action for action in ACTIONS if action.where in (place, "anywhere")]
        keys = Counter(key for action in here if action.method != "resume" for key in action.keys.split(","))
        assert [key for key, count in keys.items() if count > 1] == []
    assert not any("ctrl+z" in action.keys for action in ACTIONS)


@pytest.mark.parametrize(("keys", "name"), [("ctrl+s", "^s"), ("f1", "F1"), ("left,h", "←"), ("g,colon", "g"), ("question_mark", "?")])
def test_keys_are_shown_as_they_are_written_on_keyboards(keys: str, name: str) -> None:
    assert key_name(keys) == name


async def test_the_palette_goes_where_an_action_belongs_and_does_it() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: "train: run" in screen_text(app), "the palette is open")
        names = Counter(entry(action) for action in ACTIONS)
        assert names["digits: view"] == 1 and names["statistics: bottom"] == 1
        await pilot.press(*"digits: view")
        await wait_for(pilot, lambda: "digits: view" in screen_text(app), "the action is found")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, DigitsScreen) and app.screen.has_class("-characters"), "it is done")


async def test_help_shows_the_table() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen), "help is open")
        assert app.screen.query(Static)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, TrainScreen), "help is gone")


async def test_modes_by_digit_outside_a_field_and_by_function_key_from_anywhere() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await furnished(pilot, app)
        screen.query("Input").first().focus()
        await pilot.press("3")
        assert app.screen is screen
        await pilot.press("f3")
        await wait_for(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics are shown")
        await pilot.press("f1", "escape", "2")
        await wait_for(pilot, lambda: isinstance(app.screen, DigitsScreen), "the digits are shown")


@pytest.mark.parametrize("place", PLACES)
async def test_every_key_of_the_table_calls_its_action(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    actions = [action for action in ACTIONS if action.where == place]
    for action in actions:
        monkeypatch.setattr(PLACES[place], f"action_{action.method}", lambda self, name=action.method: called.append(name))
    monkeypatch.setattr(PLACES[place], "check_action", lambda self, action, parameters: True)
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        if place not in ("anywhere", "train"):
            await app.switch_mode(place)
            await pilot.pause()
        app.screen.set_focus(None)
        for action in actions:
            for key in action.keys.split(","):
                called.clear()
                await pilot.press(key)
                assert len(called) == 1 and action.keys == next(other.keys for other in actions if other.method == called[0]), (key, called)


async def test_a_letter_on_everything_that_can_have_the_focus() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await furnished(pilot, app)
        await pilot.press("semicolon")
        await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen), "the letters are shown")
        shown = places(screen)
        assert len(shown) == len(app.screen.query("Label")) > 10
        letter = next(letter for letter, (widget, _) in shown.items() if isinstance(widget, EpochLog))
        await pilot.press(letter)
        await wait_for(pilot, lambda: isinstance(screen.focused, EpochLog), "it has the focus")
        await pilot.press("semicolon", "1")
        assert app.screen is screen and isinstance(screen.focused, EpochLog)
