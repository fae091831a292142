"""A run from the form to its end, and every other way to end one."""

from __future__ import annotations

import re
import threading

import pytest
from textual.widgets import Input, Static

from engine.hyperparameters.configuration import from_plain
from engine.process import WORKER_ADVICE
from tests.tui.support import make_app, opened, screen_text, train_screen, wait_for
from tui.client import Status
from tui.runs.view import RunPhase
from tui.screens.notice import Notice
from tui.screens.picker import Picker


def phase(app: object) -> RunPhase | None:
    run = app.client.run  # type: ignore[attr-defined]
    return run.phase if run else None


async def test_a_run_goes_to_its_end_and_shows_it() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: phase(app) is RunPhase.FINISHED, "the run is finished")
        await wait_for(pilot, lambda: "test accuracy 97.00%" in screen_text(app), "the test accuracy is on screen")
        text = screen_text(app)
        assert "[01] LR: 1.00e-2, Acc.: 89.00%, Cost: 0.510" in text
        assert "*[08] LR: 1.25e-3, Acc.: 97.75%, Cost: 0.072" in text
        assert "1.25 s       640/s" in text
        assert "Epochs: validation accuracy and loss  * kept" in text


async def test_run_pressed_before_the_form_is_there_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    monkeypatch.setattr("tui.importing.importlib.import_module", lambda name: may_go_on.wait())
    app = make_app()
    async with app.run_test() as pilot:
        assert train_screen(app).draft is None
        await pilot.press("r")
        may_go_on.set()
        await wait_for(pilot, lambda: phase(app) is RunPhase.FINISHED, "the run is finished")


async def test_another_run_keeps_the_one_before_for_comparison() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        for _ in range(2):
            await pilot.press("r")
            await wait_for(pilot, lambda: phase(app) is RunPhase.FINISHED, "the run is finished")
            first = app.client.run
        await wait_for(pilot, lambda: "┄ earlier" in screen_text(app), "the earlier run is in the charts")
        assert len(app.client.earlier) == 1 and app.client.earlier[0] is not first


async def test_a_single_epoch_is_one() -> None:
    app = make_app("--hold", "1")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 1, "epoch 1 has begun")
        await pilot.press("s")
        await wait_for(pilot, lambda: "stopped (by hand) after 1 epoch in" in screen_text(app), "the end is on screen")


async def test_pause_resume_and_stop_after_the_epoch() -> None:
    app = make_app("--hold", "2")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        await pilot.press("p")
        await wait_for(pilot, lambda: "paused" in screen_text(app), "the pause is on screen")
        await pilot.press("s")
        await wait_for(pilot, lambda: phase(app) is RunPhase.STOPPED, "the run is stopped")
        assert [epoch.epoch for epoch in app.client.run.epochs] == [1, 2]  # type: ignore[union-attr]
        await wait_for(pilot, lambda: "stopped (by hand) after 2 epochs" in screen_text(app), "the end is on screen")
        assert "p goes on" in screen_text(app)
        await pilot.press("p")
        await wait_for(pilot, lambda: phase(app) is RunPhase.TRAINING and app.client.progress, "it goes on")
        await pilot.press("s")
        await wait_for(pilot, lambda: phase(app) is RunPhase.STOPPED, "and is stopped again")


async def test_figures_of_training_are_called_so_and_have_units() -> None:
    app = make_app("--hold", "2")
    async with opened(app, size=(120, 40)) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: "training accuracy 90.00%, loss " in screen_text(app), "the figures are shown")
        assert "training  640 digits/s" in screen_text(app)


async def test_a_run_of_many_hours_says_how_long_it_will_take_in_a_terminal_of_any_size() -> None:
    app = make_app("--hold", "1", hyperparameters=from_plain({"training": {"epochs": 100_000, "batch_size": 64}}))
    async with opened(app, size=(60, 18)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: "epoch 1/100000" in screen_text(app), "it trains")
        for columns, rows in ((60, 18), (80, 24), (120, 40)):
            await pilot.resize_terminal(columns, rows)

            def is_told(columns: int = columns) -> bool:
                told = (r" 50\.0% epoch +0:00 left", r" 0\.0% run +11 h left")
                return screen.size.width == columns and all(re.search(part, screen_text(app)) for part in told)

            await wait_for(pilot, is_told, "the epoch has two steps to go, the run hours")


async def test_abort_keeps_the_finished_epochs() -> None:
    app = make_app("--hold", "2")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        await pilot.press("x")
        await wait_for(pilot, lambda: phase(app) is RunPhase.STOPPED, "the run is over")
        assert [epoch.epoch for epoch in app.client.run.epochs] == [1]  # type: ignore[union-attr]


async def test_a_field_that_is_wrong_blocks_run_and_says_why() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        field = screen.query_one("Input", Input)
        field.focus()
        field.value = "256, many"
        await wait_for(pilot, lambda: "cannot run" in screen_text(app), "the reason is on screen")
        await pilot.press("escape", "r")
        assert app.client.run is None
        field.value = "64"
        await pilot.pause()
        await pilot.press("escape", "r")
        await wait_for(pilot, lambda: phase(app) is RunPhase.FINISHED, "the run is finished")
        assert app.client.run is not None and app.client.run.hyperparameters["network"]["hidden"] == [64]


@pytest.mark.parametrize(("answer", "epochs"), [("enter", 2), ("down enter", 1)])
async def test_quitting_while_training_asks_once(answer: str, epochs: int) -> None:
    app = make_app("--hold", "2")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        process = app.client._process
        await pilot.press("q")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the question is asked")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not app.screen.is_modal, "the question is gone")
        assert app.client.is_training
        await pilot.press("q")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the question is asked again")
        await pilot.press(*answer.split())
        await wait_for(pilot, lambda: not app.is_running or app._exit, "the dashboard ends")
    assert process is not None and process.returncode is not None
    assert app.client.run is not None and len(app.client.run.epochs) == epochs


async def test_ctrl_q_leaves_from_a_field_and_from_the_question() -> None:
    app = make_app("--hold", "1")
    async with opened(app) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress, "training has begun")
        await pilot.press("f")
        screen.query_one("Input", Input).focus()
        await pilot.press("ctrl+q")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the question is asked")
        await pilot.press("ctrl+q")
        await wait_for(pilot, lambda: app._exit, "the dashboard ends")


async def test_the_death_of_the_worker_is_survived_and_the_run_gone_on_with() -> None:
    app = make_app("--die", "2")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "the death is told")
        assert app.client.status is Status.LOST
        assert phase(app) is RunPhase.FAILED
        text = screen_text(app)
        assert "exit code 3" in text and "the driver gave up" in text
        await pilot.press("escape")
        await wait_for(pilot, lambda: not app.screen.is_modal, "the dashboard goes on")
        await pilot.press("ctrl+r")
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it is offered again")
        await pilot.press("g")
        await wait_for(pilot, lambda: phase(app) is RunPhase.FINISHED, "the run is finished after all")
        assert [epoch.epoch for epoch in app.client.run.epochs] == list(range(1, 9))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("/nowhere/worker", "there is no program /nowhere/worker"),
        ("an 'open quote", "a quote in an 'open quote is never closed; close it, or write \\ before it"),
        (" ", "its command is blank"),
    ],
)
async def test_a_worker_that_cannot_be_started_is_told(command: str, why: str) -> None:
    app = make_app(worker=command)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, Notice) and "cannot be started" in screen_text(app), "it is told")
        said = " ".join(str(app.screen.query_one(".message", Static).render()).split())
        assert said == f"The worker cannot be started: {why}. {WORKER_ADVICE}"
        await pilot.press("escape")
        await wait_for(pilot, lambda: "worker lost" in screen_text(app), "the header says so")


async def test_a_worker_that_does_not_listen_is_ended_by_force() -> None:
    app = make_app("--deaf")
    async with opened(app) as _:
        process = app.client._process
    assert process is not None and process.returncode == -9
