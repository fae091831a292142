"""Files for other programs, the clipboard, and the last words in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tui.support import few_digits, make_app, notifications, opened, screen_text, wait_for, write_model, write_run
from tui import clipboard
from tui.runs.farewell import farewell
from tui.screens.prompt import Prompt


async def test_each_export_is_written_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.model.DatasetFacts.load", lambda facts: few_digits().dataset)
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run-1"
    run.mkdir()
    app = make_app("--run", str(write_model(run)))
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        expected = {
            "f7": ("run-1-metrics.csv", "epoch,learning_rate,"),
            "f8": ("train.svg", "<svg"),
            "f9": ("run-1-confusion.csv", "target,0,1,2,3,4,5,6,7,8,9\n0,97,3,"),
            "f10": ("run-1-wrong-digits.txt", "Digit 4\n"),
        }
        for key, (name, content) in expected.items():
            await pilot.press(key)
            await wait_for(pilot, lambda: isinstance(app.screen, Prompt), f"{name} is asked for")
            await pilot.press("enter")
            await wait_for(pilot, lambda name=name: name in notifications(app), "it is told")
            assert content in (tmp_path / name).read_text(encoding="utf-8")
        await pilot.press("f7")
        await wait_for(pilot, lambda: "run-1-metrics-2.csv" in screen_text(app), "a name that is free is offered")


async def test_what_is_not_there_yet_is_told_and_no_file_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("mine")
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("f9")
        await wait_for(pilot, lambda: "There is no run in hand. Press 1, then r, to train a network." in notifications(app), "it is told")
        await pilot.press("f8")
        await wait_for(pilot, lambda: isinstance(app.screen, Prompt), "the name is asked for")
        await pilot.press("ctrl+u", "x", "enter")
        await wait_for(pilot, lambda: "x is there already" in screen_text(app), "it is refused")
    assert (tmp_path / "x").read_text() == "mine"


def test_the_system_takes_what_is_copied_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setitem(sys.modules, "pyperclip", SimpleNamespace(copy=taken.append, PyperclipException=RuntimeError))
    assert clipboard.copy("text") and taken == ["text"]
    monkeypatch.setitem(sys.modules, "pyperclip", None)
    assert not clipboard.copy("text")


async def test_last_words_are_three_lines_with_the_runs_path() -> None:
    app = make_app("--run", "/runs/the-run")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
    assert app.client.run is not None
    epochs = len(app.client.run.epochs)
    what, accuracy, path = farewell(app.client.run)
    assert what == f"quick: finished after {epochs} of {epochs} epochs, 0:{1.25 * epochs:02.0f} of training"
    assert "test accuracy 97.00%" in accuracy and path == "/runs/the-run"


async def test_last_words_on_an_interrupted_run_say_how_to_go_on(tmp_path: Path) -> None:
    run = write_run(tmp_path, "the run")
    app = make_app("--run", str(run), "--hold", "2")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        app.exit()
    assert app.client.run is not None
    assert farewell(app.client.run, "ssh box worker")[3:] == [f"Go on with: digits-tui train --resume '{run}' --worker 'ssh box worker'"]
