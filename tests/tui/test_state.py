"""What is remembered from one time to the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.support import furnished, make_app, opened, screen_text, train_screen, wait_for
from tui.bindings import ACTIONS
from tui.log import error_log
from tui.options import Options
from tui.screens.greeting import FIRST, Greeting
from tui.state import Memory, State


def test_what_is_remembered_is_there_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.json"
    memory = Memory(file)
    assert memory.state == State()
    memory.remember(device="cpu", layout={"train.zoom": "loss"})
    assert not file.exists()
    memory.write()
    assert Memory(file).state == State(device="cpu", layout={"train.zoom": "loss"})


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"', "\x00\xff", '{"device": 3, "layout": [], "colour": "red"}'])
def test_damage_is_ignored_with_a_line_in_the_log(tmp_path: Path, content: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(content, encoding="latin-1")
    assert Memory(file).state == State()
    assert str(file) in error_log().read_text(encoding="utf-8")


def test_what_is_whole_is_kept_beside_what_is_not(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"theme": "nord", "greeted": "yes"}))
    assert Memory(file).state == State(theme="nord")


def test_a_file_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file" / "state.json")
    memory.remember(theme="nord")
    memory.write()
    assert "cannot be written" in error_log().read_text(encoding="utf-8")


async def test_the_dashboard_goes_on_where_it_was_left(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"greeted": True}))
    app = make_app(memory=Memory(file))
    async with opened(app) as (pilot, screen):
        assert screen.draft is not None
        await pilot.press("d")
        await wait_for(pilot, lambda: app.screen.is_modal, "the devices are shown")
        await pilot.press("down", "down", "enter")
        await wait_for(pilot, lambda: app.client.ready and app.client.device == "1", "it is another device")
        app.theme = "nord"
        await pilot.press("tab", "down", "6", "4", "escape", "6")
        app.arrange("test.pane", "left")
        await wait_for(pilot, lambda: app.current_mode == "runs" and screen.draft.text("network.hidden") == "64", "all is done")

    again = make_app(memory=Memory(file), device="auto")
    async with again.run_test() as pilot:
        await furnished(pilot, again)
        await wait_for(pilot, lambda: again.current_mode == "runs", "the last screen is shown")
        draft = train_screen(again).draft
        assert draft is not None and draft.text("network.hidden") == "64" and draft.preset_name == "quick"
        assert again.theme == "nord" and again.arrangement("test.pane", "right") == "left"
        assert Memory(file).state.device == "1"


async def test_hyperparameters_that_no_longer_fit_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"greeted": True, "preset": "default", "hyperparameters": {"network": {"colour": 3}}}))
    app = make_app(memory=Memory(file))
    async with opened(app) as (_, screen):
        assert screen.draft is not None and screen.draft.preset_name == "quick"
        assert "hyperparameters cannot be used" in error_log().read_text(encoding="utf-8")


async def test_a_remembered_device_that_is_gone_gives_way(tmp_path: Path) -> None:
    app = make_app(device="gpu of last week", fallback=("auto", "mnist"))
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.client.ready, "another device is opened")
        assert app.client.device == "auto"
        await wait_for(pilot, lambda: "There is no device" in screen_text(app), "it is told")


@pytest.mark.parametrize(("mode", "recalls", "opens", "expected"), [
    ("runs", True, False, "runs"), ("runs", False, False, None), ("statistics", True, False, None), ("draw", True, False, "draw"),
    ("digits", True, True, "digits"),
    ("gone", True, True, None),
])  # fmt: skip
def test_it_begins_with_train_where_the_last_screen_would_be_empty(
    mode: str, recalls: bool, opens: bool, expected: str | None, tmp_path: Path
) -> None:
    memory = Memory()
    memory.remember(mode=mode)
    left_in = Options(memory=memory, recalls=recalls, open=tmp_path if opens else None).left_in
    assert (left_in.name if left_in else None) == expected


@pytest.mark.parametrize("name", FIRST)
async def test_each_key_of_the_greeting_closes_it_and_acts(name: str, tmp_path: Path) -> None:
    app = make_app("--hold", "1", memory=Memory(tmp_path / "state.json"))
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, Greeting) and app.client.ready, "it greets")
        greeting, train = app.screen, await furnished(pilot, app)
        await pilot.press(next(action for action in ACTIONS if action.id == name).keys.partition(",")[0])
        await wait_for(pilot, lambda: app.screen not in (greeting, train) or app.client.run, "the key does what it said")
        assert greeting not in app._screen_stacks["train"]


async def test_the_first_start_greets_once(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    app = make_app(memory=Memory(file))
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: "Welcome" in screen_text(app), "it greets")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run, "the key it named does what it said")
    again = make_app(memory=Memory(file))
    async with again.run_test() as pilot:
        await furnished(pilot, again)
        assert not again.screen.is_modal
