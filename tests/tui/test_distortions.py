"""A digit beside its distortions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from textual.pilot import Pilot

from engine.data.deskew import deskewed
from tests.tui.support import few_digits, furnished, make_app, notifications, screen_text, wait_for
from tui.app import DigitsApp
from tui.form.distortions import COUNT, distorted
from tui.form.draft import Draft
from tui.resizing import resized
from tui.widgets.distortion_grid import DistortionGrid


@pytest.fixture(autouse=True)
def _digits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    yield


async def opened(pilot: Pilot[None], app: DigitsApp) -> Draft:
    """The form's values, with the dialogue open."""
    draft = (await furnished(pilot, app)).draft
    assert draft is not None
    await pilot.press("A")
    await wait_for(pilot, lambda: "Rotation" in screen_text(app) and "nothing is distorted yet" in screen_text(app), "the dialogue is open")
    return draft


def test_without_augmentation_nothing_is_distorted_and_with_it_everything_is() -> None:
    image = few_digits().image(0)
    draft = Draft("default")
    assert all((drawn == image).all() for drawn in distorted(draft, image, 0))
    draft.set("augmentation.shift", 2.0)
    found, again, other = (distorted(draft, image, number) for number in (0, 0, 1))
    assert found.shape == (1 + COUNT, *image.shape)
    assert [bool((drawn == image).all()) for drawn in found] == [True] + [False] * COUNT
    assert (found == again).all() and (found != other).any()
    draft.set("augmentation.rotation", "much")
    assert len(distorted(draft, image, 0)) == 1


def test_what_is_deskewed_is_distorted_afterwards() -> None:
    image, draft = np.eye(28, dtype=np.uint8) * 250, Draft("default")
    draft.set("preprocessing.deskew", True)
    upright = deskewed(image.reshape(1, -1), *image.shape).reshape(image.shape)
    assert (upright != image).any()
    assert all((drawn == upright).all() for drawn in distorted(draft, image, 0))
    draft.set("preprocessing.deskew", False)
    draft.set("ensemble.members", 2)
    draft.set("ensemble.deskewed", 2)
    assert (distorted(draft, image, 0)[0] == upright).all(), "every member sees it so"
    draft.set("ensemble.deskewed", 1)
    assert (distorted(draft, image, 0)[0] == image).all()


async def test_what_the_members_of_an_ensemble_see_is_told() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        draft = await opened(pilot, app)
        draft.set("ensemble.members", 3)
        draft.set("ensemble.deskewed", 2)
        await pilot.press("right")
        await wait_for(pilot, lambda: "the last 2 members see digits deskewed" in screen_text(app), "what is not shown is told")
        grid = app.screen.query_one(DistortionGrid)
        assert "original" in screen_text(app) and (grid.images[0] == few_digits().image(0)).all()
        draft.set("ensemble.deskewed", 3)
        await pilot.press("right")
        await wait_for(pilot, lambda: "original" not in screen_text(app), "all see it deskewed")
        assert "deskewed" in screen_text(app) and "members see" not in screen_text(app)


async def test_what_is_changed_is_seen_and_is_in_the_form() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        draft = await opened(pilot, app)
        assert "original" in screen_text(app), "it is named where there is room below it"
        await pilot.resize_terminal(60, 18)
        await wait_for(pilot, lambda: "original" not in screen_text(app), "there is no more")
        before = screen_text(app)
        assert "Test digit 1, label 0, beside its distortions" in before
        await pilot.press("down", "down", "down", "L", "l", "h")
        await wait_for(pilot, lambda: screen_text(app) != before, "the distortions follow")
        assert draft.text("augmentation.shift") == "1.25"
        grid = app.screen.query_one(DistortionGrid)
        drawn = grid.images
        await pilot.press("space")
        assert (grid.images[0] == drawn[0]).all() and (grid.images != drawn).any()
        await pilot.press("H", "H")
        assert draft.text("augmentation.shift") == "0.0", "no value is below 0"
        draft.set("augmentation.shift", 13.5)
        await pilot.press("L")
        assert draft.text("augmentation.shift") == "13.5", "nor one above its bound"
        await pilot.press("escape")
        await wait_for(pilot, lambda: "1 changed" in screen_text(app), "the form has it")
        await pilot.press("u")
        assert draft.text("augmentation.shift") == "0.0"
        assert not draft.can_undo, "all of it is one change"


async def test_the_run_in_hand_is_told_when_that_is_asked_for() -> None:
    app = make_app("--hold", "2")
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress and app.client.progress.epoch == 2, "epoch 2 has begun")
        await pilot.press("A")
        await wait_for(pilot, lambda: "Rotation" in screen_text(app), "the dialogue is open")
        assert "tell the run" not in screen_text(app)
        await pilot.press("right")
        await wait_for(pilot, lambda: "tell the run" in screen_text(app), "the run has another value")
        assert app.client.run is not None and not app.client.run.changes
        await pilot.press("enter")
        await wait_for(pilot, lambda: "augmentation.rotation = 1 from epoch 2" in notifications(app), "it is confirmed")
        await wait_for(pilot, lambda: "tell the run" not in screen_text(app), "there is nothing left to tell")


def test_an_image_is_made_smaller_by_means() -> None:
    image = np.arange(36, dtype=np.uint8).reshape(6, 6)
    assert (resized(image, 3, 3) == np.rint(image.reshape(3, 2, 3, 2).mean(axis=(1, 3)))).all()
    assert resized(image, 4, 4)[0, 0] == round((0 + 0.5 * 1 + 0.5 * 6 + 0.25 * 7) / 2.25)
    assert (resized(image, 6, 6) == image).all()
