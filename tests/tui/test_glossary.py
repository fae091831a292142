"""Every term has its paragraph, one key away."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList

from engine.hyperparameters.table import HYPERPARAMETERS
from tests.tui.support import make_app, opened, screen_text, wait_for
from tui.app import DigitsApp
from tui.glossary import term_of, term_of_hint, terms
from tui.runs.view import RunPhase


def test_every_hyperparameter_has_a_term_and_no_term_a_hyperparameter_that_is_not() -> None:
    explained = [key for term in terms() for key in term.keys]
    assert sorted(explained) == sorted(HYPERPARAMETERS)


def test_terms_are_paragraphs() -> None:
    assert len({term.name for term in terms()}) == len(terms())
    assert all(term.text.endswith(".") and "\n" not in term.text and len(term.text) > 40 for term in terms())


@pytest.mark.parametrize(
    "name",
    [
        *("Precision", "Recall", "F1", "Calibration", "Confusion matrix", "Saliency", "Dead neuron", "Moment", "Neuron", "Bias"),
        *("Parameter", "Training accuracy", "Time"),
    ],
)
def test_terms_of_other_screens_are_there(name: str) -> None:
    assert name in {term.name for term in terms()}


@pytest.mark.parametrize(
    "kind",
    ["learning_rate", "low_learning_rate", "vanishing_gradient", "underfitting", "overfitting", "plateau", "batch_size", "dead_units"],
)
def test_every_kind_of_hint_has_a_term(kind: str) -> None:
    assert term_of_hint(kind) is not None


async def test_the_page_that_is_looked_at_is_explained() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is finished")
        for keys, term in (
            ("3s", "Accuracy"),
            ("3c", "Confusion matrix"),
            ("3w", "Weight"),
            ("2", "Prediction"),
            ("6", "Test digits"),
            ("1", "Training accuracy"),
        ):
            await pilot.press(*keys, "f12")
            await wait_for(pilot, lambda: app.screen.query(OptionList), "the glossary is there")
            assert highlighted(app) == term
            await pilot.press("escape")


async def test_the_field_in_focus_is_explained() -> None:
    app = make_app()
    async with opened(app) as (pilot, screen):
        await pilot.press("tab", "down")
        assert screen.focused is not None and screen.focused.name == "network.hidden"
        await pilot.press("f12")
        await wait_for(pilot, lambda: "row of neurons" in screen_text(app), "the term is shown")
        await pilot.press("down")
        await wait_for(pilot, lambda: "row of neurons" not in screen_text(app), "the next term is shown")
        await pilot.press("escape", "shift+tab", "f12")
        await wait_for(pilot, lambda: "row of neurons" in screen_text(app), "on the title of a group, the term of its first field")
        await pilot.press("escape", "escape", "question_mark", "e")
        first = terms()[0]
        await wait_for(pilot, lambda: first.text[:20] in screen_text(app), "it is opened from the help, at its beginning")


async def test_letters_go_to_the_first_term_that_begins_so() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("e", *"mom")
        await wait_for(pilot, lambda: highlighted(app) == "Moment", "letters add up")
        await pilot.press(*"entum")
        await wait_for(pilot, lambda: highlighted(app) == "Momentum", "more of them lead further")
        await pilot.press("q", "c")
        await wait_for(pilot, lambda: highlighted(app) == "Calibration", "a letter that nothing goes on with begins anew")
        await pilot.press("f12")
        await wait_for(pilot, lambda: not app.screen.is_modal, "the key that opened it closes it")


def highlighted(app: DigitsApp) -> str:
    return terms()[app.screen.query_one(OptionList).highlighted or 0].name


def test_terms_are_in_alphabetical_order_capitals_or_not() -> None:
    names = [term.name for term in terms()]
    assert names.index("Calibration") < names.index("CMA-ES") < names.index("Confusion matrix")


def test_a_term_by_its_hyperparameter() -> None:
    term = term_of("regularization.max_norm")
    assert term is not None and term.name == "Max-norm"
    assert term_of("nothing") is None
