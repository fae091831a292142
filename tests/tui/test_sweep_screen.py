"""The sweep screen: the search as it goes, and what becomes of what it finds."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from rich.segment import Segment

from engine.hyperparameters.configuration import read_toml
from engine.sweep.results import Row, top
from tests.tui.support import (
    few_digits,
    notifications,
    opened,
    screen_text,
    train_screen,
    wait_for,
    write_model,
)
from tests.tui.sweep_support import held, searched, shown, sweep_app, sweep_screen, type_in
from tui.columns import Column
from tui.modes import MODES
from tui.runs.farewell import sweep_farewell
from tui.screens.notice import Notice
from tui.screens.picker import Picker
from tui.sweep.coordinates import Lines
from tui.sweep.trial_columns import EPOCHS, SECONDS, STATE, VALUE, ordered
from tui.sweep.view import SweepPhase, SweepView
from tui.widgets.sweep_progress import SweepProgress
from tui.widgets.sweep_results import valued
from tui.widgets.sweep_workers import _workers
from tui.widgets.trial_details import _value
from tui.widgets.trial_table import TrialTable


async def test_every_screen_is_told_of_a_change_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[object] = []
    for mode in MODES:
        monkeypatch.setattr(mode.screen_class, "on_devices_found", lambda self: told.append(self), raising=False)
    app = sweep_app(tmp_path)
    async with opened(app) as (pilot, _):
        for mode in MODES:
            await pilot.press(mode.keys[0])
            await wait_for(pilot, lambda mode=mode: app.current_mode == mode.name and app.screen.is_mounted, "it is shown")  # type: ignore[misc]
        app.client.look_for_devices()
        await wait_for(pilot, lambda: len(told) >= len(MODES), "all are told")
        await pilot.pause()
        assert len(told) == len(set(told)) == len(MODES)


async def test_a_search_from_its_beginning_to_its_winner(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await searched(pilot, app, SweepPhase.FINISHED)
        await wait_for(pilot, lambda: "winner: trial 3  test accuracy 96.06% ± 0.06" in screen_text(app), "the winner is named")
        text = screen_text(app)
        assert "found: finished  8 complete, 2 pruned, 2 failed in 0:42" in text and "Importance (PED-ANOVA)" in text
        assert "★ trial 3" in text and "96.30% ± 0.06" in text
        table = screen.query_one(TrialTable)
        assert table.trial == 3 and "Trial 3, the winner" in text
        await pilot.press("end")
        await wait_for(pilot, lambda: "the loss is not finite in epoch 2" in screen_text(app), "a failed trial has its reason")


async def test_importance_is_shown_while_the_search_goes_on(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "6")
    async with app.run_test(size=(120, 40)) as pilot:
        await held(pilot, app, 6)
        await wait_for(pilot, lambda: "75%" in screen_text(app), "the bars are drawn")
        assert "Importance (PED-ANOVA)" in screen_text(app) and "of 4 completed trials" in screen_text(app)


async def test_trials_in_any_order(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await searched(pilot, app, SweepPhase.FINISHED)
        table = screen.query_one(TrialTable)
        await wait_for(pilot, lambda: table.trial == 3, "the cursor is on the winner")
        orders = []
        for _ in range(8):
            await pilot.press("right", "home")
            orders.append((table.order, table.trial))
        assert orders == [
            ("Learning rate", 0),
            ("Activation", 3),
            ("Batch size", 8),
            ("epoch", 3),
            ("seconds", 3),
            ("trial", 0),
            ("state", 3),
            ("accuracy", 3),
        ]
        await pilot.press("left", "left", "R", "home")
        assert (table.order, table.trial) == ("trial", 11)
        await pilot.press("w")
        assert table.trial == 3


def test_a_trial_tells_the_epoch_of_its_accuracy_and_a_time_that_is_not_nothing() -> None:
    pruned = Row(7, "pruned", {}, 0.9, curve=(0.95, 0.9), best_epoch=2, seconds=0.0234)
    assert (EPOCHS.title, EPOCHS.text(pruned), SECONDS.text(pruned)) == ("epoch", "2/2", "0.023")
    assert _value(pruned).plain == "90.00% in epoch 2 of 2, 23.40 ms"
    assert SECONDS.text(Row(8, "complete", {}, 0.9, seconds=12.345)) == "12.35"


def test_the_axis_of_accuracies_ends_at_all_only_where_a_trial_has_all() -> None:
    ends = [Lines({}, [Row(0, "complete", {}, best)], {}, 0.9).axes[-1].marks[-1] for best in (0.9996, 1.0)]
    assert ends == [(1.0, ">99.9%"), (1.0, "100.0%")]


TIED = [
    Row(0, "running", {}, 0.97),
    Row(1, "complete", {}, 0.97, validation_loss=0.2),
    Row(2, "pruned", {}, 0.97),
    Row(3, "complete", {}, 0.97, validation_loss=0.1),
    Row(4, "complete", {}, 0.97),
    Row(5, "complete", {}, 0.96, validation_loss=0.05),
]


@pytest.mark.parametrize(("column", "trials"), [(VALUE, [3, 1, 4, 2, 0, 5]), (STATE, [3, 1, 4, 5, 2, 0])])
def test_of_trials_that_are_tied_the_best_comes_first(column: Column[Row], trials: list[int]) -> None:
    assert [row.trial for row in ordered(TIED, column, reverse=False)] == trials
    assert trials[0] == top(TIED, 1)[0].trial == valued(TIED)[0].trial


async def test_pause_resume_and_stop_which_asks(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await held(pilot, app, 2)
        await pilot.press("p")
        await wait_for(pilot, lambda: "paused; p resumes" in screen_text(app), "it is paused")
        await pilot.press("s")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "it asks")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "g goes on with it" in screen_text(app), "it is stopped")
        assert app.sweeps.sweep is not None and app.sweeps.sweep.phase is SweepPhase.STOPPED
        assert screen.check_action("go_on", ()) and not screen.check_action("pause", ())


async def test_last_words_on_a_sweep_that_is_left_say_how_to_go_on(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "6")
    async with app.run_test(size=(120, 40)) as pilot:
        await held(pilot, app, 6)
    assert app.sweeps.sweep is not None
    what, command = sweep_farewell(app.sweeps.sweep)
    assert what.startswith("Sweep found: 6 of 12 trials ended, the best with a validation accuracy of 9")
    assert command == "Go on with: digits-tui sweep --runs-dir / --name found", "in the script, the study is /sweeps/found.db"


async def test_how_far_a_sweep_is_stands_beside_its_bar(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "6")
    async with app.run_test(size=(120, 40)) as pilot:
        await searched(pilot, app, SweepPhase.SEARCHING)
        for columns, counts in ((120, "6 of 12 trials, 1 pruned, 1 failed"), (60, "6 of 12 trials")):
            await pilot.resize_terminal(columns, 40)
            await wait_for(pilot, lambda counts=counts: f"  {counts} " in screen_text(app), "what is done is told, and then drawn")  # type: ignore[misc]
            line = next(line for line in screen_text(app).splitlines() if counts in line)
            assert re.fullmatch(rf" *{counts} +━*─* +50%  0:\d\d, about 0:\d\d left *", line)


def test_no_workers_are_started_for_a_sweep_that_is_opened() -> None:
    sweep = SweepView("night", SweepPhase.OPENING)
    assert [line.plain for line in _workers(sweep)] == ["None: the sweep is over."]
    assert "search" not in SweepProgress()._going(sweep)[1].plain


async def test_an_earlier_sweep_is_opened_and_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "night.db").touch()
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await sweep_screen(pilot, app)
        await pilot.press("o")
        await wait_for(pilot, lambda: "night" in screen_text(app), "it is offered")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "night: finished" in screen_text(app), "it is shown")
        assert not app.sweeps.is_running
        await pilot.press("g")
        await wait_for(pilot, lambda: "with the 12 there are" in screen_text(app), "the budget is asked for")
        await pilot.press("1", "4", "enter")
        await wait_for(pilot, lambda: app.sweeps.sweep and app.sweeps.sweep.ended == 14, "it goes on up to 14")
        assert app.sweeps.request is not None and app.sweeps.request.name == "night" and app.sweeps.request.vary is None


async def test_the_winner_goes_into_the_form_and_can_be_taken_back(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await searched(pilot, app, SweepPhase.FINISHED)
        await pilot.press("a")
        draft = train_screen(app).draft
        assert draft is not None
        await wait_for(pilot, lambda: app.current_mode == "train" and draft.text("learning_rate.initial") == "0.004", "the form has it")
        assert draft.text("network.activation") == "gelu" and "trial 3 of found" in notifications(app)
        await pilot.press("u")
        await wait_for(pilot, lambda: draft.text("learning_rate.initial") == "0.003", "it is taken back")


async def test_a_trial_is_kept_as_a_file_and_its_model_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    directory = tmp_path / "sweeps" / "found"
    directory.mkdir(parents=True)
    (write_model(directory) / "model.safetensors").rename(directory / "trial-3.safetensors")
    app = sweep_app(tmp_path, "--directory", str(directory))
    async with app.run_test(size=(120, 40)) as pilot:
        await searched(pilot, app, SweepPhase.FINISHED)
        await pilot.press("ctrl+s", "enter")
        await wait_for(pilot, (directory / "trial-3.toml").exists, "it is written")
        assert read_toml(directory / "trial-3.toml").learning_rate.initial == 0.004
        await wait_for(pilot, lambda: not app.screen.is_modal, "the dialogue is gone")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: "was not kept" in notifications(app), "the others have no model")
        await pilot.press("w", "enter")
        await wait_for(pilot, lambda: app.current_mode == "statistics" and app.client.run, "the statistics have it")
        assert app.client.run is not None and app.client.run.model == directory / "trial-3.safetensors"
        await pilot.press("1", "P", "end", "enter")
        draft = train_screen(app).draft
        await wait_for(pilot, lambda: draft and draft.text("learning_rate.initial") == "0.004", "it is among the presets")


async def test_a_coordinator_that_dies_is_told_with_its_last_words_and_gone_on_with(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--die", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        await searched(pilot, app, SweepPhase.STOPPED)
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it is told")
        assert "exit code 3" in screen_text(app) and "the disk gave up" in screen_text(app)
        await pilot.press("g")
        await wait_for(pilot, lambda: app.sweeps.sweep and app.sweeps.sweep.phase is SweepPhase.FINISHED, "it goes on")
        assert app.sweeps.sweep is not None and app.sweeps.sweep.ended == 12 and not app.screen.is_modal


async def test_a_sweep_that_cannot_begin_says_why(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--fail")
    async with app.run_test(size=(120, 40)) as pilot:
        await searched(pilot, app, SweepPhase.FAILED)
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it is told")
        assert "There is no device 'gpu' here." in screen_text(app) and "go on with it" not in screen_text(app)


async def test_it_goes_on_in_other_modes_and_leaving_asks(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        await held(pilot, app, 2)
        await wait_for(pilot, lambda: "then 25 more trainings" in screen_text(app), "what follows is said")
        assert "about 0:0" in screen_text(app)
        await pilot.press("1", "r")
        await wait_for(pilot, lambda: "A sweep is going on too" in notifications(app), "training beside it is warned of")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        await pilot.press("q")
        await wait_for(pilot, lambda: "A sweep is going on" in screen_text(app), "it asks")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: not app.screen.is_modal and app.sweeps.is_running, "it stays")
        app.sweeps.resume()
        await wait_for(pilot, lambda: "Trial 3 has won" in notifications(app), "its end is told")


async def test_leaving_ends_the_coordinator(tmp_path: Path) -> None:
    app = sweep_app(tmp_path, "--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        await held(pilot, app, 2)
        process = app.sweeps._process
        await pilot.press("q", "enter")
        await wait_for(pilot, lambda: not app.is_running, "it has left")
    assert process is not None and await asyncio.wait_for(process.wait(), 5) == 0


async def test_where_there_is_no_room_for_all_panes_one_view_after_the_other(tmp_path: Path) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await searched(pilot, app, SweepPhase.FINISHED)
        for title in ("Best so far", "Parallel coordinates", "The best with fresh seeds", "Trials by accuracy"):
            assert title not in screen_text(app)
            await pilot.press("z")
            await wait_for(pilot, partial(shown, app, title), f"{title} is shown")
        await pilot.press("f")
        await wait_for(pilot, lambda: "A new sweep" in screen_text(app), "the form is shown")


async def test_of_thousands_of_trials_those_in_sight_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = sweep_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await sweep_screen(pilot, app)
        await type_in(pilot, screen, "trials", "3000")
        await pilot.press("escape", "r")
        await wait_for(pilot, lambda: app.sweeps.sweep and app.sweeps.sweep.is_over, "all trials are told")
        table = screen.query_one(TrialTable)
        drawn: list[int] = []
        line = table.line

        def counted(place: int) -> list[Segment]:
            drawn.append(place)
            return line(place)

        monkeypatch.setattr(table, "line", counted)
        await pilot.press("end")
        await pilot.pause()
        assert 0 < len(drawn) <= 4 * table.size.height


def test_optuna_is_left_to_the_coordinator() -> None:
    code = "import sys, tui.screens.sweep, tui.sweep.view; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
