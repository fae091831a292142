"""The screen of all runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from engine.events import Changed, to_json
from engine.runs.index import list_runs
from engine.runs.names import EVENTS_FILE, SUMMARY_FILE, TRASH
from engine.runs.run import Run
from tests.tui.runs_support import NAMES, listed, names, opened, three_runs
from tests.tui.support import few_digits, notifications, screen_text, train_screen, wait_for, write_model, write_run
from tui.app import DigitsApp
from tui.runs.view import RunPhase
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.widgets.line_table import cell
from tui.widgets.run_table import RunTable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return three_runs(tmp_path / "runs")


def run_at_cursor(app: DigitsApp) -> str:
    run = app.screen.query_one(RunTable).run
    assert run is not None
    return run.name


def detail(app: DigitsApp) -> str:
    """What is said of the run at the cursor."""
    return str(app.screen.query_one("RunDetail Static", Static).render())


async def test_the_curve_comes_with_the_room_for_it(root: Path) -> None:
    async with opened(root, size=(80, 24)) as (app, pilot):
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: "Accuracy  ━ train" in screen_text(app), "the run's curve is drawn")


async def test_where_there_are_none_it_says_what_to_press(tmp_path: Path) -> None:
    async with opened(tmp_path / "runs", size=(80, 24)) as (app, pilot):
        assert "Press 1, then r, to train a network" in screen_text(app)
        await pilot.press("c", "space", "x", "enter", "p", "a", "v", "n", "R", "y", "u", "M", "i")
        await pilot.pause()
        assert not app.screen.is_modal and app.current_mode == "runs"


async def test_a_runs_directory_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.index.run_directories", lambda root: (tmp_path / "nowhere").iterdir())
    async with opened(tmp_path) as (app, pilot):
        await wait_for(pilot, lambda: "permissions" in screen_text(app), "the reason is told")


async def test_ordered_by_a_column_the_next_time_too(root: Path) -> None:
    async with opened(root) as (app, pilot):
        assert listed(app) == ["three", "two", "one"]
        await pilot.press("o")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the columns are offered")
        await pilot.press("home", "down", "enter")
        await wait_for(pilot, lambda: listed(app) == ["one", "two", "three"], "the best is first")
        await pilot.press("O")
        assert listed(app) == ["three", "two", "one"]
        await pilot.click(RunTable, offset=(4, 0))
        await wait_for(pilot, lambda: listed(app) == ["one", "three", "two"], "by their names")
        assert app.arrangement("runs.order", []) == ["name", False]


async def test_why_early_stopping_ended_a_run_is_told(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    write_run(root, "one", reason="early_stopping", explanation="validation accuracy did not rise")
    async with opened(root) as (app, _):
        assert "Early stopping: validation accuracy did not rise" in detail(app)


async def test_the_headings_say_which_part_figures_are_of(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    write_run(root, "20261129-012349-default", test_accuracy=0.97, test_loss=0.1)
    async with opened(root, size=(80, 24)) as (app, pilot):
        [heading] = [line for line in screen_text(app).splitlines() if "valid." in line]
        assert " test  valid. epochs" in heading and " test loss" in heading
        await pilot.press("o")
        await wait_for(pilot, lambda: "validation accuracy" in screen_text(app), "with room for more")


async def test_found_by_words_and_hyperparameters(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("slash", *"t")
        assert listed(app) == ["three", "two", "one"], "the data set is called mnist"
        await pilot.press(*"w")
        assert listed(app) == ["two"]
        await pilot.press("escape", "slash", *"batch_size>16")
        await wait_for(pilot, lambda: listed(app) == ["three", "two"], "the files are read")
        await pilot.press(*" size_=1")
        await wait_for(pilot, lambda: "did you mean" in screen_text(app), "what cannot be understood is said")
        await pilot.press("down", "enter")
        assert run_at_cursor(app) == "two" and app.screen.focused is None
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(listed(app)) == 3, "the filter is gone")
        await pilot.press("slash", *"nothing")
        await wait_for(pilot, lambda: "No run matches 'nothing'" in screen_text(app), "it is said")


async def test_while_something_is_looked_for_the_keys_of_letters_are_not_offered(root: Path) -> None:
    async with opened(root, size=(100, 30)) as (app, pilot):
        assert "n note" in screen_text(app) and "/ Filter" in screen_text(app)
        await pilot.press("slash")
        await wait_for(pilot, lambda: "Enter To the runs found  Esc All runs" in screen_text(app), "the foot says how to leave")
        assert "n note" not in screen_text(app) and "/ Filter" not in screen_text(app)
        await pilot.press("escape")
        await wait_for(pilot, lambda: "n note" in screen_text(app), "they work again")


async def test_a_run_that_goes_is_compared_no_longer(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("space", "space", "c")
        await wait_for(pilot, lambda: "2 runs: what differs" in screen_text(app), "they are compared")
        (root / "two").rename(root.parent / "two")
        await wait_for(pilot, lambda: "Runs: 2, 1 marked" in screen_text(app), "the list is back")


async def typed(pilot: Pilot[None], app: DigitsApp, key: str, text: str) -> None:
    """Answers the question that a key asks."""
    await pilot.press(key)
    await wait_for(pilot, lambda: isinstance(app.screen, Prompt), "it is asked for")
    await pilot.press("ctrl+u", *text, "enter")


async def test_named_noted_and_deleted_and_all_of_it_taken_back(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await typed(pilot, app, "R", "one")
        await wait_for(pilot, lambda: "already a run 'one'" in screen_text(app), "the name is taken")
        await pilot.press("ctrl+u", *"best", "enter")
        await wait_for(pilot, lambda: "best" in listed(app), "it has another name")
        await typed(pilot, app, "n", "for the talk")
        await wait_for(pilot, lambda: "for the talk" in screen_text(app), "it has a note")
        await pilot.press("x")
        await wait_for(pilot, lambda: listed(app) == ["two", "one"], "it is in the trash")
        assert "best moved to the trash; u takes it back." in notifications(app) and names(root / TRASH) == {"best"}
        assert run_at_cursor(app) == "two"

        await pilot.press("u")
        await wait_for(pilot, lambda: names(root) == {"one", "two", "best"}, "it is back")
        await pilot.press("u")
        await wait_for(pilot, lambda: not (root / "best" / "note.txt").exists(), "the note is gone")
        await pilot.press("u")
        await wait_for(pilot, lambda: names(root) == set(NAMES), "it has its name again")


async def test_what_cannot_be_undone_is_told(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("x")
        await wait_for(pilot, lambda: names(root / TRASH) == {"three"}, "it is in the trash")
        write_run(root, "three")
        await pilot.press("u")
        await wait_for(pilot, lambda: "There is a run 'three' in" in notifications(app), "it is told")


async def test_the_trash_gives_back_and_is_emptied(root: Path) -> None:
    async with opened(root) as (app, pilot):
        for left in (["two", "one"], ["one"]):
            await pilot.press("x")
            await wait_for(pilot, lambda left=left: listed(app) == left, "one more is in the trash")  # type: ignore[misc]
        await pilot.press("T")
        await wait_for(pilot, lambda: "Restore three" in screen_text(app), "they are offered")
        await pilot.press("enter")
        await wait_for(pilot, lambda: names(root) == {"one", "three"}, "the first is back")
        await pilot.press("T")
        await wait_for(pilot, lambda: "Restore two" in screen_text(app), "the other is offered")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: "for good?" in screen_text(app), "it is asked")
        await pilot.press("y")
        await wait_for(pilot, lambda: "The trash is empty." in notifications(app), "it is done")
        assert not list((root / TRASH).iterdir())


async def test_a_run_that_is_trained_is_shown_live_and_stays(root: Path) -> None:
    async with opened(root, "--hold", "2", "--run", str(root / "three")) as (app, pilot):
        await pilot.press("1", "r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "it is trained")
        held = Run.open(root / "three")
        held.write_summary(state="running")
        await pilot.press("6")
        await wait_for(pilot, lambda: "running" in screen_text(app), "it is running")
        for key, what in (("x", "deleted"), ("R", "renamed")):
            await pilot.press(key)
            await wait_for(pilot, lambda what=what: f"cannot be {what}: let it finish, or stop it in Train (s)" in notifications(app), what)
        await pilot.press("j", "enter")
        await wait_for(pilot, lambda: "two has" not in notifications(app) and "before you look at another" in notifications(app), "told")
        assert names(root) == set(NAMES) and app.current_mode == "runs"
        held.close()


async def test_a_run_of_another_process_is_shown_live(root: Path) -> None:
    async with opened(root) as (app, pilot):
        held = Run.open(root / "one")
        held.write_summary(state="running", epochs=77)
        await wait_for(pilot, lambda: " 77 " in screen_text(app) and "running" in screen_text(app), "it goes on")
        await pilot.press("end", "x")
        await wait_for(pilot, lambda: "stop it where it was begun" in notifications(app), "it stays")
        held.close()


async def test_hyperparameters_are_put_into_the_form_and_taken_back(root: Path) -> None:
    async with opened(root) as (app, pilot):
        await pilot.press("a")
        await wait_for(pilot, lambda: app.current_mode == "train", "the form is shown")
        draft = train_screen(app).draft
        assert draft is not None and draft.values is not None and draft.values.training.batch_size == 48
        await pilot.press("u")
        assert draft.values.training.batch_size != 48


async def test_hyperparameters_that_are_none_are_told(root: Path) -> None:
    (root / "three" / "hyperparameters.toml").write_text("training.batch_size = 0\n")
    (root / "two" / "hyperparameters.toml").write_text("[[[")
    async with opened(root) as (app, pilot):
        await pilot.press("a", "v", "y", "p")
        await wait_for(pilot, lambda: "batch_size cannot be 0" in notifications(app), "it is told")
        await pilot.press("down")
        await wait_for(pilot, lambda: "Its hyperparameters cannot be read." in screen_text(app), "that is told too")
        assert app.current_mode == "runs"


async def test_an_interrupted_run_is_gone_on_with(root: Path) -> None:
    write_run(root, "cut", epochs=1, state="running", when="2026-02-01T12:00:00+00:00")
    async with opened(root, "--run", str(root / "cut")) as (app, pilot):
        assert "interrupted" in screen_text(app) and "p resume  v overlay" in screen_text(app)
        await pilot.press("down", "p")
        await wait_for(pilot, lambda: "p resume" not in screen_text(app), "one that is finished does not offer it")
        await wait_for(pilot, lambda: "three is finished, so there is nothing to go on with" in notifications(app), "it is told")
        await pilot.press("up", "p")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over and app.client.run.phase is RunPhase.FINISHED, "it ends")
        assert app.current_mode == "train" and app.client.run is not None
        assert [epoch.epoch for epoch in app.client.run.epochs][:3] == [1, 2, 3]


async def looked_at(key: str, mode: str, text: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    write_model(root / "three")
    async with opened(root) as (app, pilot):
        await pilot.press(key)
        await wait_for(pilot, lambda: app.current_mode == mode and text in screen_text(app), "its model is looked at")
        assert app.client.run is not None and app.client.run.name == "three" and len(app.client.run.epochs) == 3
        await pilot.press("6", "R")
        await wait_for(pilot, lambda: isinstance(app.screen, Prompt), "the name is asked for")
        await pilot.press("ctrl+u", *"other", "enter")
        await wait_for(pilot, lambda: app.client.run and app.client.run.model == root / "other" / "model.safetensors", "it is followed")


async def test_digits_are_gone_through_with_its_model(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await looked_at("enter", "digits", "2 of 12 wrong", root, monkeypatch)


async def test_its_model_is_shown_in_figures(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await looked_at("i", "statistics", "97.00%", root, monkeypatch)


async def test_what_was_changed_while_a_run_trained_is_said_of_it_wherever_it_is_looked_at(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    write_model(root / "three")
    change = Changed(key="regularization.dropout.hidden", value=0.3, epoch=2, step=1)
    (root / "three" / EVENTS_FILE).write_text(to_json(change) + "\n")
    values = "0.05, from epoch 2 on 0.3"
    async with opened(root) as (app, pilot):
        await wait_for(pilot, lambda: f"Changed while it trained: regularization.dropout.hidden {values}" in detail(app), "it is said")
        await pilot.press("y")
        await wait_for(pilot, lambda: f"leaves out: regularization.dropout.hidden {values}" in notifications(app), "the command does not")
        assert "dropout" not in app.clipboard
        await pilot.press("i")
        await wait_for(pilot, lambda: app.current_mode == "statistics" and values in screen_text(app), "the statistics say it")
        await pilot.press("1")
        await wait_for(pilot, lambda: "hidden = 0.3 from epoch 2, step 1 on" in screen_text(app), "the log has its line")
        assert not any(notification.title == "Changed in flight" for notification in app._notifications)
        app.clear_notifications()
        await pilot.press("Y")
        await wait_for(pilot, lambda: "which the command leaves out" in notifications(app), "so with the run in hand")
        assert "dropout" not in app.clipboard


async def test_a_run_without_a_model_is_not_opened(root: Path) -> None:
    write_run(root, "empty", epochs=0, state="failed", reason="\x1b[31mout of memory", when="2026-02-01T12:00:00+00:00")
    async with opened(root) as (app, pilot):
        assert "[31mout of memory" in screen_text(app)
        await pilot.press("enter")
        await wait_for(
            pilot, lambda: "empty has no model: no epoch of it was finished. p goes on with it." in notifications(app), "it is told"
        )
        assert app.current_mode == "runs"


async def test_its_data_set_is_chosen_where_it_was_another(root: Path) -> None:
    write_run(root, "clothes", dataset="fashion-mnist", dataset_fingerprint="1" * 64, when="2026-02-01T12:00:00+00:00")
    async with opened(root) as (app, pilot):
        await pilot.press("enter")
        await wait_for(pilot, lambda: "The data set is fashion-mnist now" in notifications(app), "it is asked for")
        await wait_for(pilot, lambda: "no data set fashion-mnist here" in screen_text(app), "this worker does not have it")


async def test_damaged_and_foreign_directories_hide_nothing(root: Path) -> None:
    (root / "foreign").mkdir()
    (root / "file").write_text("")
    (root / "one" / SUMMARY_FILE).write_bytes(b'{"seconds": NaN}')
    (root / "two" / SUMMARY_FILE).unlink()
    (root / "two" / SUMMARY_FILE).mkdir()
    (root / "three" / "metrics.csv").write_bytes(b"epoch\nx\ny\n")
    async with opened(root) as (app, pilot):
        assert set(listed(app)) == set(NAMES)
        for name, words in (("one", "summary.json is damaged"), ("two", "summary.json cannot be read"), ("three", "Other than quick")):
            await pilot.press("slash", *name, "enter")
            await wait_for(pilot, lambda name=name: listed(app) == [name], "it is found")
            await wait_for(pilot, lambda words=words: words in screen_text(app), words)
            await pilot.press("escape", "escape")
        await pilot.press("space", "space", "c")
        await wait_for(pilot, lambda: "is not a line of metrics" in notifications(app), "the comparison says what is wrong")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("abc", 5, "abc   "), ("abcdef", 4, "abc… "), ("数字数字", 5, "数字… "), ("数字数", 4, "数 … "), ("", 3, "    ")],
)
def test_a_cell_is_as_wide_as_its_column(text: str, width: int, expected: str) -> None:
    assert cell(text, width) == expected


async def test_a_thousand_runs_are_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = write_run(tmp_path / "runs", "run")
    [summary] = list_runs(original.parent)
    many = [summary.model_copy(update={"name": f"run-{n}", "path": f"/runs/run-{n}", "epochs": n}) for n in range(1000)]
    monkeypatch.setattr("engine.runs.index.RunIndex.read", lambda index: many)
    async with opened(tmp_path / "runs", size=(80, 24)) as (app, pilot):
        assert "Runs: 1,000" in screen_text(app)
        await pilot.press("end")
        await wait_for(pilot, lambda: run_at_cursor(app) in screen_text(app), "the last is in sight")
        await pilot.press("slash", *"epochs=500", "enter")
        await wait_for(pilot, lambda: listed(app) == ["run-500"], "one is found")
