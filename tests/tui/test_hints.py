"""Hints: one line, a preview, and the change in the form and in the run in hand."""

from __future__ import annotations

from textual.widgets import Input

from tests.tui.support import make_app, notifications, opened, screen_text, wait_for
from tui.runs.view import RunPhase
from tui.screens.hint import HintPreview, title
from tui.screens.train import TrainScreen
from tui.widgets.hyperparameter_group import HyperparameterGroup

DROPOUT = "regularization.dropout.hidden"


async def test_a_hint_for_a_live_field_changes_the_run_in_hand_and_the_form() -> None:
    app = make_app("--hold", "2", "--hint", f"{DROPOUT}=0.3")
    async with opened(app, size=(120, 40)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: "i fix  It learns by heart" in screen_text(app), "the hint is shown")
        await pilot.press("i")
        await wait_for(pilot, lambda: "regularization.dropout.hidden  0.05 → 0.3" in screen_text(app), "the change is previewed")
        assert "in this run, from now on" in screen_text(app)
        assert screen.draft is not None and not screen.draft.can_undo
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.client.run and app.client.run.changes, "the run has it")
        assert screen.draft.text(DROPOUT) == "0.3"
        await wait_for(pilot, lambda: "hidden = 0.3 from epoch 2, step 2 on" in screen_text(app), "the log tells")
        assert "learns by heart" not in screen_text(app)
        await pilot.press("u")
        assert screen.draft.text(DROPOUT) == "0.05"


async def test_a_hint_for_another_field_is_for_the_next_run() -> None:
    app = make_app("--hold", "2", "--hint", "training.batch_size=32")
    async with opened(app) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: "It learns by heart" in screen_text(app), "the hint is shown")
        await pilot.press("i")
        await wait_for(pilot, lambda: "in the form, for the next run" in screen_text(app), "it is said where")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "for the next run" in notifications(app), "it is said when")
        assert screen.draft is not None and screen.draft.text("training.batch_size") == "32"
        assert app.client.run is not None and not app.client.run.changes


def fields_of(screen: TrainScreen, key: str) -> list[Input]:
    return [field for field in screen.query(Input) if field.name == key]


async def test_nothing_is_proposed_that_the_form_is_beyond_and_a_change_ends_the_hint() -> None:
    app = make_app("--hold", "2", "--hint", f"{DROPOUT}=0.3")
    async with opened(app, size=(120, 50)) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: "i fix  It learns by heart" in screen_text(app), "the hint is shown")
        next(group for group in screen.query(HyperparameterGroup) if group.group == "regularization").collapsed = False
        await wait_for(pilot, lambda: fields_of(screen, DROPOUT), "the field is there")
        [field] = fields_of(screen, DROPOUT)
        field.focus()
        await pilot.press(*"0.4")
        await wait_for(pilot, lambda: "i read  It learns by heart" in screen_text(app), "there is nothing to change any more")
        await pilot.press("escape", "i")
        await wait_for(pilot, lambda: "The form has what would help already." in screen_text(app), "it is said")
        assert "→ 0.3" not in screen_text(app)
        await pilot.press("escape")
        field.focus()
        await pilot.press("enter")
        await wait_for(pilot, lambda: "It learns by heart" not in screen_text(app), "the hint has ended")
        assert app.client.run is not None and app.client.run.value(DROPOUT) == 0.4


async def test_a_hint_is_explained_in_the_glossary() -> None:
    app = make_app("--hint", "training.batch_size=32")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: "It learns by heart" in screen_text(app), "the hint is shown")
        await pilot.press("i")
        await wait_for(pilot, lambda: "F12 explain" in screen_text(app), "it is said how")
        await pilot.press("f12")
        await wait_for(pilot, lambda: "quirks and all" in screen_text(app), "the term is shown")
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, HintPreview), "the preview is there again")


async def test_a_hint_is_put_off_or_ignored() -> None:
    app = make_app("--hint", "training.batch_size=32")
    async with opened(app) as (pilot, screen):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is finished")
        for key, is_left in (("escape", True), ("x", False)):
            await pilot.press("i")
            await wait_for(pilot, lambda: isinstance(app.screen, HintPreview), "it is previewed")
            await pilot.press(key)
            await wait_for(pilot, lambda: not app.screen.is_modal, "the preview is gone")
            await pilot.pause()
            assert ("learns by heart" in screen_text(app)) is is_left
        assert screen.draft is not None and not screen.draft.can_undo


def test_a_hint_has_the_words_of_its_explanation_as_its_title() -> None:
    assert [title(kind) for kind in ("dead_units", "low_learning_rate")] == ["dead neurons", "low learning rate"]
