"""The configuration file: what it may say, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.support import make_app, notifications, opened, screen_text, wait_for
from tui.settings import Settings, needs_ascii, read_settings, settings_file


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file)


def test_without_a_file_all_is_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert read_settings() == Settings()


def test_switches_and_keys_by_their_characters_or_names(tmp_path: Path) -> None:
    settings = read(tmp_path, 'ascii = true\nreduced_motion = true\n[keys]\n"train.run" = "f11, N"\napp.help = "?,ctrl+b"')
    assert settings.ascii and settings.reduced_motion and not settings.problems
    assert settings.keys == {"train.run": "f11,N", "app.help": "question_mark,ctrl+b"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[keys", "cannot be read"),
        ("shine = 1", "no setting shine"),
        ('ascii = "yes"', "ascii has to be true or false"),
        ("keys = 1", "keys has to be a table"),
        ('[keys]\ntrain.fly = "r"', "no action train.fly"),
        ('[keys]\ntrain.run = "nonsense"', "'nonsense' is no key"),
        ("[keys]\ntrain.run = 5", "5 is no key"),
        ('[keys]\ntrain.run = "q"', "q would be the key of both train.run and app.quit, so train.run keeps its own"),
        ('[keys]\ntrain.run = "N"\ntrain.stop = "N"', "N would be the key of both train.run and train.stop"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    settings = read(tmp_path, text)
    assert len(settings.problems) == 1 and problem in settings.problems[0]


def test_keys_may_change_places_and_what_shares_a_key_keeps_it(tmp_path: Path) -> None:
    assert not read(tmp_path, '[keys]\ntrain.run = "x"\ntrain.abort = "r"').problems
    assert read(tmp_path, '[keys]\ntrain.pause = "N"').keys == {"train.pause": "N", "train.resume": "p"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"LANG": "C.UTF-8"}, False), ({"LC_ALL": "C", "LANG": "C.UTF-8"}, True), ({"LANG": "de_DE.ISO-8859-1"}, True)],
)
def test_a_locale_without_unicode_means_ascii(environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert needs_ascii(environment) is expected


async def test_a_key_of_ones_own_works_and_is_shown_everywhere(tmp_path: Path) -> None:
    app = make_app(settings=read(tmp_path, '[keys]\ntrain.run = "f11"\nnope.x = "q"'))
    async with opened(app, size=(120, 40)) as (pilot, _):
        assert "no action nope.x" in notifications(app)
        assert "F11 Run" in screen_text(app)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: "F11  " in screen_text(app), "the help names it")
        await pilot.press("escape", "r")
        await pilot.pause()
        assert app.client.run is None
        await pilot.press("f11")
        await wait_for(pilot, lambda: app.client.run, "it runs")


async def test_help_names_the_file() -> None:
    app = make_app()
    async with opened(app, size=(200, 60)) as (pilot, _):
        await pilot.press("question_mark", "end")
        await wait_for(pilot, lambda: settings_file().parent.name in screen_text(app), "the file is named")


async def test_ascii_is_all_there_is_on_screen_where_it_is_wanted() -> None:
    app = make_app(settings=Settings(ascii=True))
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: "test accuracy" in screen_text(app), "the run is over")
        for key in "123":
            await pilot.press(key)
            await pilot.pause()
            assert screen_text(app).isascii()


async def test_nothing_moves_where_that_is_wanted() -> None:
    app = make_app(settings=Settings(reduced_motion=True))
    async with app.run_test():
        assert app.animation_level == "none"
