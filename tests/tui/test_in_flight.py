"""What is changed while a network is trained, and what waits for the next run."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from engine.events import Changed, Hint
from engine.hyperparameters.configuration import plain
from tests.tui.support import make_app, notifications, opened, screen_text, wait_for
from tui.app import DigitsApp
from tui.client import WorkerClient
from tui.form.draft import Draft
from tui.form.in_flight import InFlight
from tui.options import Options
from tui.runs.view import RunPhase, RunView
from tui.screens.train import TrainScreen
from tui.widgets.epoch_log import EpochLog
from tui.widgets.field_help import FieldHelp
from tui.widgets.hyperparameter_group import HyperparameterGroup

DROPOUT = "regularization.dropout.hidden"


def field(screen: TrainScreen, key: str) -> Input:
    group = next(group for group in screen.query(HyperparameterGroup) if group.group == key.partition(".")[0])
    group.collapsed = False
    return next(field for field in screen.query(Input) if field.name == key)


def explained(screen: TrainScreen) -> str:
    return str(screen.query_one(FieldHelp).render())


async def test_enter_in_a_live_field_changes_the_run_in_hand() -> None:
    app = make_app("--hold", "2")
    async with opened(app, size=(120, 40)) as (pilot, screen):
        group = next(group for group in screen.query(HyperparameterGroup) if group.group == "regularization")
        group.collapsed = False
        await wait_for(pilot, lambda: len(group.query(Input)) > 5, "the fields are there")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        field(screen, DROPOUT).focus()
        await wait_for(pilot, lambda: "The run in hand has this value." in explained(screen), "the run's value is shown")
        await pilot.press(*"0.25")
        await wait_for(pilot, lambda: "The run in hand has 0.05: Enter changes it there." in explained(screen), "the key is shown")
        assert app.client.run is not None and not app.client.run.changes
        await pilot.press("enter")
        await wait_for(pilot, lambda: f"{DROPOUT} = 0.25 from epoch 2, step 2 on" in screen_text(app), "the log confirms it")
        assert DROPOUT not in notifications(app)
        assert app.client.run.value(DROPOUT) == 0.25
        assert app.focused is field(screen, DROPOUT)
        await wait_for(pilot, lambda: "The run in hand has this value." in explained(screen), "the run has it now")
        await pilot.press("f3")
        await wait_for(pilot, lambda: "0.05, from epoch 2 on 0.25" in screen_text(app), "the statistics say so")


async def test_a_change_is_told_where_the_log_is_not_in_sight() -> None:
    app = make_app("--hold", "2")
    async with opened(app, size=(80, 24)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        await pilot.press("f")
        await wait_for(pilot, lambda: not screen.query_one(EpochLog).is_on_screen, "the form hides it")
        app.client.change(DROPOUT, 0.25)
        await wait_for(pilot, lambda: f"{DROPOUT} = 0.25 from epoch 2" in notifications(app), "it is told")


async def test_enter_in_another_field_says_that_it_is_for_the_next_run() -> None:
    app = make_app("--hold", "2")
    async with opened(app, size=(120, 40)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        batch = field(screen, "training.batch_size")
        batch.focus()
        await pilot.press(*"32")
        await wait_for(pilot, lambda: "For the next run; the one in hand keeps 128." in explained(screen), "it is said")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.focused is not batch, "the next field has the focus")
        assert app.client.run is not None and not app.client.run.changes


async def test_undo_takes_back_what_the_run_in_hand_was_told() -> None:
    app = make_app("--hold", "2")
    async with opened(app, size=(120, 40)) as (pilot, screen):
        group = next(group for group in screen.query(HyperparameterGroup) if group.group == "regularization")
        group.collapsed = False
        await wait_for(pilot, lambda: len(group.query(Input)) > 5, "the fields are there")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        field(screen, DROPOUT).focus()
        await pilot.press(*"0.25")
        await wait_for(pilot, lambda: "→ Dropout hidden" in screen_text(app), "the run does not have it yet")
        await pilot.press("enter")
        await wait_for(pilot, lambda: changes(app) == [0.25], "it has it now")
        assert "• Dropout hidden" in screen_text(app)
        await pilot.press("escape", "u")
        await wait_for(pilot, lambda: changes(app) == [0.25, 0.05], "the run has its own value again")
        assert screen.draft is not None and screen.draft.text(DROPOUT) == "0.05"
        await pilot.press("U")
        await wait_for(pilot, lambda: changes(app) == [0.25, 0.05, 0.25], "and the other once more")
        assert screen.draft.text(DROPOUT) == "0.25"


def changes(app: DigitsApp) -> list[float]:
    return [change.value for change in app.client.run.changes] if app.client.run else []


def learning(dropout: float) -> tuple[WorkerClient, Draft, InFlight]:
    """A run that has the form's values, of no worker."""
    client, draft = WorkerClient(Options()), Draft("quick")
    draft.set(DROPOUT, str(dropout))
    draft.leave_field()
    assert draft.values is not None
    client.show(RunView(hyperparameters=plain(draft.values), preset="quick", phase=RunPhase.TRAINING))
    return client, draft, InFlight(client, draft)


def test_a_run_that_is_gone_on_with_keeps_its_changes() -> None:
    client = WorkerClient(Options())
    change = Changed(key=DROPOUT, value=0.3, epoch=2, step=1)
    client.train({}, "quick", resume=RunView(hyperparameters={}, preset="quick", phase=RunPhase.OPENED, changes=(change,)))
    assert client.run is not None and client.run.changes == (change,)


def test_what_a_lost_worker_proposed_is_proposed_no_longer() -> None:
    client, _, _ = learning(dropout=0.1)
    told = Hint(kind="file", message="a file could not be written"), Hint(kind="overfitting", message="a", changes={DROPOUT: 0.3})
    assert client.run is not None
    client.run = replace(client.run, hints=told)
    client._hold_run()
    assert client.run.hints == told[:1]


def told(client: WorkerClient) -> list[float]:
    return [value for _, value in client.run.asked] if client.run else []


def test_a_run_is_told_once_and_before_it_answers() -> None:
    client, draft, in_flight = learning(0.1)
    draft.set(DROPOUT, "0.2")
    assert in_flight.untold() == {DROPOUT}
    assert in_flight.tell(DROPOUT) and not in_flight.tell(DROPOUT)
    before = in_flight.values()
    draft.undo()
    in_flight.follow(before)
    assert told(client) == [0.2, 0.1]


def test_undo_tells_nothing_that_was_not_told_before() -> None:
    client, draft, in_flight = learning(0.1)
    draft.set(DROPOUT, "0.3")
    draft.begin("quick")
    draft.set(DROPOUT, "0.1")
    for _ in range(3):
        before = in_flight.values()
        draft.undo()
        in_flight.follow(before)
    assert draft.text(DROPOUT) == "0.1" and told(client) == []


def test_what_is_wrong_or_not_trained_is_not_told() -> None:
    client, draft, in_flight = learning(0.1)
    draft.set(DROPOUT, "1.5")
    assert not in_flight.tell(DROPOUT)
    draft.set(DROPOUT, "0.2")
    assert client.run is not None
    client.show(client.run.in_phase(RunPhase.FINISHED))
    assert not in_flight.tell(DROPOUT) and in_flight.untold() == frozenset()
