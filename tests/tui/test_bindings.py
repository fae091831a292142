"""The one table of actions, and what is made of it."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.tui.support import make_app, notifications, opened, screen_text, wait_for
from tui.app import DigitsApp
from tui.bindings import ACTIONS, key_name
from tui.commands import entry
from tui.modes import MODES
from tui.screens.digits import DigitsScreen
from tui.screens.glossary import GlossaryScreen
from tui.screens.help import contents
from tui.screens.jump import JumpScreen
from tui.screens.mode import ModeScreen
from tui.screens.statistics import StatisticsScreen
from tui.widgets.epoch_log import EpochLog
from tui.widgets.text_field import TextField

PLACES: dict[str, type[DigitsApp | ModeScreen]] = {"anywhere": DigitsApp, **{mode.name: mode.screen_class for mode in MODES}}


def test_every_action_is_whole() -> None:
    in_help = {text for topic in contents() for _, text in topic.rows}
    for action in ACTIONS:
        assert action.keys and action.title and action.help.endswith("."), action
        assert callable(getattr(PLACES[action.where], f"action_{action.method.partition('(')[0]}")), action
        assert f"{action.help} ({action.id})" in in_help, action


ALTERNATIVES = ("resume", "show_results")
"""Actions that are there only while the one with the same key is not."""


def test_ids_are_unique_and_keys_do_not_clash() -> None:
    assert max(Counter(action.id for action in ACTIONS).values()) == 1
    for place in PLACES:
        here = [action for action in ACTIONS if action.where in (place, "anywhere")]
        keys = Counter(key for action in here if action.method not in ALTERNATIVES for key in action.keys.split(","))
        assert [key for key, count in keys.items() if count > 1] == []
    assert not any("ctrl+z" in action.keys for action in ACTIONS)


@pytest.mark.parametrize(("keys", "name"), [("ctrl+s", "^s"), ("f1", "F1"), ("left,h", "←"), ("g,colon", "g"), ("question_mark", "?")])
def test_keys_are_shown_as_they_are_written_on_keyboards(keys: str, name: str) -> None:
    assert key_name(keys) == name


async def test_ids_in_the_help_are_fainter_than_its_text() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: "(train.run)" in screen_text(app), "help is open")
        text = "Train a network with these hyperparameters. "
        colours = {part: colour_of(app, part) for part in (text, "(train.run)")}
        assert colours[text] != colours["(train.run)"] is not None


def colour_of(app: DigitsApp, text: str) -> object:
    segments = (segment for strip in app.screen._compositor.render_strips() for segment in strip)
    return next(segment.style.color for segment in segments if text in segment.text and segment.style)


async def test_the_palette_goes_where_an_action_belongs_and_does_it() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: "train: run" in screen_text(app), "the palette is open")
        names = Counter(entry(action) for action in ACTIONS)
        assert names["digits: view"] == 1 and names["statistics: bottom"] == 1
        await pilot.press(*"digits: view")
        await wait_for(pilot, lambda: "digits: view" in screen_text(app), "the action is found")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, DigitsScreen) and app.screen.has_class("-characters"), "it is done")


async def test_the_palette_finds_a_field_by_its_name() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("2", "ctrl+p", *"dropout hidden")
        await wait_for(pilot, lambda: "form: regularization.dropout.hidden" in screen_text(app), "it is found")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.focused, TextField), "it is gone to")
        assert app.current_mode == "train" and app.focused is not None and app.focused.name == "regularization.dropout.hidden"


async def test_the_palette_says_why_a_field_cannot_be_gone_to() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("question_mark", "ctrl+p", *"dropout hidden")
        await wait_for(pilot, lambda: "form: regularization.dropout.hidden" in screen_text(app), "it is found")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "A dialogue is open over the form" in notifications(app), "it is said")


async def test_the_palette_finds_a_term_by_its_name() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("ctrl+p", *"explain: saliency")
        await wait_for(pilot, lambda: "explain: Saliency" in screen_text(app), "it is found")
        await pilot.press("enter")
        await wait_for(
            pilot, lambda: isinstance(app.screen, GlossaryScreen) and "What moved the decision" in screen_text(app), "it is explained"
        )


async def test_a_notification_leaves_the_keys_of_a_dialogue_in_sight() -> None:
    app = make_app()
    async with opened(app, size=(80, 24), notifications=True) as (pilot, _):
        for key in ("question_mark", "f12", "P"):
            await pilot.press(key)
            await wait_for(pilot, lambda: app.screen.is_modal and app.screen.query(".hint"), f"the dialogue of {key} is open")
            await pilot.pause()
            [keys] = [line for line in screen_text(app).splitlines() if "Esc close" in line]
            app.notify("One.\nTwo.\nThree.\nFour.")
            await wait_for(pilot, lambda: "Four." in screen_text(app), "it is told")
            assert keys in screen_text(app)
            app.clear_notifications()
            await pilot.press("escape")
            await wait_for(pilot, lambda: not app.screen.is_modal and "Four." not in screen_text(app), "all is gone")


async def test_modes_by_digit_outside_a_field_and_by_function_key_from_anywhere() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        screen.query("Input").first().focus()
        await pilot.press("3")
        assert app.screen is screen
        await pilot.press("f3")
        await wait_for(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics are shown")
        await pilot.press("f1", "escape", "2")
        await wait_for(pilot, lambda: isinstance(app.screen, DigitsScreen), "the digits are shown")


async def test_a_letter_on_everything_that_can_have_the_focus() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, screen):
        await pilot.press("semicolon")
        await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen), "the letters are shown")
        shown = app.screen.targets
        assert len(shown) == len(app.screen.query("Label")) > 10
        letter = next(letter for letter, target in shown.items() if target.go == screen.query_one(EpochLog).focus)
        await pilot.press(letter)
        await wait_for(pilot, lambda: isinstance(screen.focused, EpochLog), "it has the focus")
        await pilot.press("semicolon", "1")
        assert app.screen is screen and isinstance(screen.focused, EpochLog)


async def test_a_letter_on_every_page_of_the_statistics_and_a_word_where_there_is_nothing_to_go_to() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("2", "semicolon")
        await wait_for(pilot, lambda: "nothing else to go to" in notifications(app), "it is said")
        await pilot.press("1", "r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.evaluation, "the run is over")
        await pilot.press("3", "semicolon")
        await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen), "the letters are shown")
        await pilot.press("s")
        await wait_for(
            pilot, lambda: isinstance(app.screen, StatisticsScreen) and app.screen.page == "confusion", "the second page is shown"
        )
