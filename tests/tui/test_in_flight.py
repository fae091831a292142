"""What is changed while a network is trained, and what waits for the next run."""

from __future__ import annotations

from textual.widgets import Input

from tests.tui.support import furnished, make_app, notifications, wait_for
from tui.screens.train import TrainScreen
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
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await furnished(pilot, app)
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
        await wait_for(pilot, lambda: f"{DROPOUT} = 0.25 from epoch 2, step 2 on." in notifications(app), "it is confirmed")
        assert app.client.run.value(DROPOUT) == 0.25
        assert app.focused is field(screen, DROPOUT)
        await wait_for(pilot, lambda: "The run in hand has this value." in explained(screen), "the run has it now")


async def test_enter_in_another_field_says_that_it_is_for_the_next_run() -> None:
    app = make_app("--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        batch = field(screen, "training.batch_size")
        batch.focus()
        await pilot.press(*"32")
        await wait_for(pilot, lambda: "For the next run; the one in hand keeps 128." in explained(screen), "it is said")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.focused is not batch, "the next field has the focus")
        assert app.client.run is not None and not app.client.run.changes
