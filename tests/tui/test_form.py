"""The form on screen: groups, marks, help, presets and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Input, OptionList, Static
from textual.widgets._select import SelectCurrent

from engine.hyperparameters.configuration import from_plain, read_toml
from engine.presets import PRESETS
from tests.tui.support import furnished, make_app, notifications, opened, screen_text, wait_for
from tui.state import Memory
from tui.widgets.choice import Choice
from tui.widgets.hyperparameter_group import HyperparameterGroup
from tui.widgets.hyperparameter_row import HyperparameterRow


async def test_a_group_makes_its_rows_when_it_is_opened() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        group = next(group for group in screen.query(HyperparameterGroup) if group.group == "optimizer")
        assert not group.query(HyperparameterRow)
        group.query_one("CollapsibleTitle").focus()
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Weight decay" in screen_text(app), "the rows are there")


async def test_changes_are_marked_and_undone() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        await pilot.press("tab", "down", "down")
        assert isinstance(app.focused, Choice)
        await pilot.press("right")
        await wait_for(pilot, lambda: "• Activation" in screen_text(app), "the field is marked")
        assert "quick, 1 changed" in screen_text(app)
        assert screen.draft is not None and screen.draft.text("network.activation") == "elu"
        assert "quick: leaky_relu" in screen_text(app)
        await pilot.press("u")
        await wait_for(pilot, lambda: "• Activation" not in screen_text(app), "the mark is gone")
        assert screen.draft.changed_keys == []
        await pilot.press("u")
        for key in ("U", "ctrl+y"):
            await pilot.press(key)
            await wait_for(pilot, lambda: "• Activation" in screen_text(app), "the mark is back")
            await pilot.press("R" if key == "U" else "u")
            await wait_for(pilot, lambda: "• Activation" not in screen_text(app), "the mark is gone")
            await pilot.press("u" if key == "U" else "U", "u")


async def test_an_undone_change_is_brought_in_sight() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, screen):
        assert screen.draft is not None
        screen.draft.set("augmentation.rotation", "10")
        await pilot.press("u")
        await wait_for(pilot, lambda: "Rotation" in screen_text(app), "its group is open")
        assert "quick: 0.0" in screen_text(app)


async def test_a_preset_is_undone_as_a_whole() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        await pilot.press("P", "down", "enter")
        await wait_for(pilot, lambda: screen.draft and screen.draft.preset_name == "readme", "the preset is taken")
        await pilot.press("u")
        await wait_for(pilot, lambda: screen.query("Input").first(Input).value == "128", "the fields are as before")
        assert screen.draft is not None and screen.draft.preset_name == "quick"


async def test_the_field_in_focus_is_explained() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        screen.query("Input").first().focus()
        await wait_for(pilot, lambda: "a list of 0 to 8 whole numbers, each 1 to 8192" in screen_text(app), "its bounds are shown")
        await pilot.press("0")
        await wait_for(pilot, lambda: "! network.hidden cannot be" in screen_text(app), "what is wrong is shown")


async def test_a_field_stays_explained_while_its_list_is_open() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("tab", "down", "down", "enter")
        await wait_for(pilot, lambda: isinstance(app.focused, OptionList), "the list is open")
        await wait_for(pilot, lambda: "network.activation" in screen_text(app), "the field is explained")


@pytest.mark.parametrize("theme", ["digits-dark", "digits-ansi"])
async def test_a_choice_in_focus_has_the_cursor_of_lists(theme: str) -> None:
    app = make_app()
    app.theme = theme
    async with app.run_test() as pilot:
        await furnished(pilot, app)
        await pilot.press("tab", "down", "down")
        assert isinstance(app.focused, Choice)
        current = app.focused.query_one(SelectCurrent)
        assert current.styles.background == Color.parse(app.theme_variables["block-cursor-background"])


async def test_a_preset_fills_the_form() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        await pilot.press("P")
        await wait_for(pilot, lambda: "Presets" in screen_text(app), "the presets are shown")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: screen.query("Input").first(Input).value == "16, 16", "the fields have its values")
        assert screen.draft is not None and screen.draft.preset_name == "readme"


async def test_all_presets_are_in_sight_where_there_is_room() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("P")
        await wait_for(pilot, lambda: all(f" {name} " in screen_text(app) for name in PRESETS), "they are shown")
        assert "Esc close" in screen_text(app)


async def test_hyperparameters_go_to_a_file_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    values = from_plain({"network": {"hidden": [7]}, "training": {"epochs": 3}})
    app = make_app(hyperparameters=values, config=path)
    async with opened(app) as (pilot, screen):
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "Write hyperparameters to" in screen_text(app), "the name is asked for")
        await pilot.press("enter")
        await wait_for(pilot, lambda: path.exists(), "the file is there")
        assert read_toml(path) == values
        path.write_text("[network]\nhidden = [9]\n")
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: "Read hyperparameters from" in screen_text(app), "the name is asked for")
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.query("Input").first(Input).value == "9", "the fields have its values")


async def test_a_run_of_values_from_a_file_is_of_no_preset_the_next_time_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[network]\nhidden = [9]\n")
    memory = Memory(tmp_path / "state.json")
    memory.remember(greeted=True)
    app = make_app("--hold", "1", config=path, memory=memory)
    async with opened(app) as (pilot, _):
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: "Read hyperparameters from" in screen_text(app), "the name is asked for")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Read " in notifications(app), "the file is read")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run, "there is a run")
        assert app.client.run is not None and app.client.run.preset == ""
    again = make_app("--hold", "1", memory=Memory(tmp_path / "state.json"))
    async with again.run_test() as pilot:
        screen = await furnished(pilot, again)
        assert screen.draft is not None and (screen.draft.preset_name, screen.draft.preset_of_run) == ("quick", "")


async def test_a_file_that_cannot_be_used_is_refused_in_the_dialogue(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("[network]\nhiden = [9]\n")
    app = make_app(config=path)
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: "Read hyperparameters from" in screen_text(app), "the name is asked for")
        await pilot.press("enter")
        problem = app.screen.query_one(".problem", Static)
        await wait_for(pilot, lambda: "did you mean network.hidden?" in str(problem.render()), "it is refused")
        await pilot.press("escape")


async def test_the_command_line_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("y")
        await wait_for(pilot, lambda: app.clipboard, "it is copied")
        assert app.clipboard == "digits-tui train --preset quick"


async def test_the_command_line_of_the_run_in_hand_is_copied() -> None:
    app = make_app(hyperparameters=from_plain({"training": {"seed": 7, "epochs": 2}}), preset="default")
    async with opened(app) as (pilot, screen):
        await pilot.press("Y")
        assert not app.clipboard
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        assert screen.draft is not None
        screen.draft.set("training.epochs", "3")
        await pilot.press("Y")
        await wait_for(pilot, lambda: app.clipboard, "it is copied")
        words = "digits-tui train --preset default --set training.epochs=2 --set training.seed=7 --device cpu"
        assert app.clipboard == words and words in notifications(app)


async def test_form_and_results_take_turns_where_there_is_no_room_for_both() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, screen):
        form, log = screen.query_one("#form-pane"), screen.query_one("EpochLog")
        assert form.size.width and not log.size.width
        await pilot.press("f")
        await wait_for(pilot, lambda: log.size.width and not form.size.width, "the results are shown")
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: log.size.width and form.size.width, "both are shown")
        await pilot.resize_terminal(50, 15)
        await wait_for(pilot, lambda: "This needs a terminal of 60 columns" in screen_text(app), "it is told")


async def test_run_goes_to_the_field_that_is_wrong() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, screen):
        assert screen.draft is not None
        screen.draft.set("optimizer.beta_1", "2")
        await pilot.press("f", "r")
        await wait_for(pilot, lambda: app.focused is not None and app.focused.name == "optimizer.beta_1", "it has the focus")
        assert "optimizer.beta_1" in notifications(app) and app.client.run is None
        await wait_for(pilot, lambda: "! Beta 1" in screen_text(app), "it is in sight")


async def test_the_footer_of_a_text_field_names_keys_that_are_not_typed() -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as (pilot, _):
        await pilot.press("tab")
        await wait_for(pilot, lambda: "P Preset" in screen_text(app), "on a title, letters are keys")
        await pilot.press("down")
        named = ["F12 Explain", "^p Menu", "Tab Next field", "Esc Leave the form"]
        await wait_for(pilot, lambda: all(part in screen_text(app).splitlines()[-1] for part in named), "keys are named")
        assert "F12 explains" in screen_text(app)
        await pilot.press("f12")
        await wait_for(pilot, lambda: "Glossary" in screen_text(app), "and does what is said")
