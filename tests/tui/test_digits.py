"""Walking through test digits, before, while and after a network learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import Worker

from engine.data.deskew import deskewed
from engine.hyperparameters import configuration
from engine.model import Model
from engine.model_file import load_model, save_model
from tests.tui.support import SIDE, few_digits, furnished, make_app, notifications, opened, screen_text, wait_for, write_model
from tui.app import DigitsApp
from tui.digits.facts import model_note
from tui.digits.gallery import predict_all
from tui.digits.selection import Filter, Kind, Order
from tui.screens.digits import DigitsScreen
from tui.settings import Settings
from tui.widgets.digit_caption import DigitCaption
from tui.widgets.digit_view import DigitView, View
from tui.widgets.prediction_bars import PredictionBars, arrow


@pytest.fixture(autouse=True)
def _few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())


async def digits_screen(pilot: Pilot[None], app: DigitsApp) -> DigitsScreen:
    await pilot.press("2")
    await wait_for(pilot, lambda: "of 12" in screen_text(app), "the digits are there")
    screen = app.screen
    assert isinstance(screen, DigitsScreen)
    return screen


async def test_before_a_model_there_is_a_digit_and_a_word_on_what_to_press() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await digits_screen(pilot, app)
        text = screen_text(app)
        assert "Target     0" in text
        assert "Press 1, then r" in text
        await pilot.press("w")
        await wait_for(pilot, lambda: "after the first epoch" in notifications(app), "there are no wrong ones yet")


async def test_keys_go_from_digit_to_digit() -> None:
    steps = [
        ("right", 1),
        ("l", 2),
        ("n", 3),
        ("left", 2),
        ("h", 1),
        ("p", 0),
        ("left", 11),
        ("down", 9),
        ("j", 7),
        ("up", 9),
        ("home", 0),
        ("end", 11),
    ]
    app = make_app()
    async with app.run_test() as pilot:
        screen = await digits_screen(pilot, app)
        for key, index in steps:
            await pilot.press(key)
            assert screen.index == index
            await wait_for(pilot, lambda index=index: f"{index + 1} of 12" in screen_text(app), "the digit is shown")  # type: ignore[misc]


async def test_jump_takes_a_number_that_there_is() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await digits_screen(pilot, app)
        await pilot.press("g")
        await wait_for(pilot, lambda: app.screen.query(Input), "it is asked for")
        await pilot.press(*"13", "enter")
        await wait_for(pilot, lambda: "A number from 1 to 12" in screen_text(app), "13 is refused")
        await pilot.press("backspace", "enter")
        await wait_for(pilot, lambda: app.screen is screen, "the question is gone")
        await pilot.press("right", "colon")
        await wait_for(pilot, lambda: app.screen.query(Input), "it is asked for")
        await pilot.press("8", "enter")
        await wait_for(pilot, lambda: screen.index == 7, "the digit is there")


async def test_random_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.digits.random.randrange", lambda count: count - 3)
    app = make_app()
    async with app.run_test() as pilot:
        screen = await digits_screen(pilot, app)
        await pilot.press("r")
        assert screen.index == 9


async def test_predictions_follow_the_newest_model_while_it_trains(tmp_path: Path) -> None:
    app = make_app("--hold", "2", "--run", str(write_model(tmp_path)))
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        screen = await digits_screen(pilot, app)
        await wait_for(pilot, lambda: "2 of 12 wrong" in screen_text(app), "all digits are predicted")
        assert app.client.is_training
        ranked = screen.query_one(PredictionBars).ranked
        assert ranked[0].name == "0" and ranked[0].is_target and ranked[0].probability > 0.9
        assert "✓ right" in screen_text(app)
        await pilot.press("w")
        assert screen.index == 3
        await wait_for(pilot, lambda: "✗ wrong" in screen_text(app) and "✗ 4" in screen_text(app), "both say that it is wrong")
        await pilot.press("w")
        assert screen.index == 11
        await pilot.press("w")
        assert screen.index == 3
        await pilot.press("W")
        assert screen.index == 11


async def test_a_model_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    app = make_app("--run", str(tmp_path))
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await digits_screen(pilot, app)
        await wait_for(pilot, lambda: "not a safetensors" in screen_text(app), "it is told")


async def test_the_view_is_what_there_is_room_for_or_what_was_chosen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await digits_screen(pilot, app)
        view = screen.query_one(DigitView)
        assert view.drawn_as is View.BLOCKS
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: "%%%%%%" in screen_text(app), "characters are drawn")
        drawn = []
        for _ in range(4):
            await pilot.press("v")
            drawn.append(view.drawn_as)
        assert drawn == [View.INVERTED, View.CONTRAST, View.BLOCKS, View.CHARACTERS]
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: "%%%%%%" in screen_text(app), "characters are drawn, around the ink")
        await pilot.press("v", "v")
        await wait_for(pilot, lambda: view.drawn_as is View.CONTRAST and "▀▀▀" in screen_text(app), "half-blocks are drawn")


async def trained(pilot: Pilot[None], app: DigitsApp) -> DigitsScreen:
    await furnished(pilot, app)
    await pilot.press("r")
    screen = await digits_screen(pilot, app)
    await wait_for(pilot, lambda: "2 of 12 wrong" in screen_text(app), "all digits are predicted")
    return screen


async def test_a_filter_is_chosen_and_gone_through(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await pilot.press("f")
        await wait_for(pilot, lambda: "wrong ones  (2)" in screen_text(app), "the filters are offered")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: "1 of 2 · digit 4" in screen_text(app), "the first wrong one is shown")
        await pilot.press("right")
        assert screen.index == 11
        await pilot.press("right")
        assert screen.index == 3
        await pilot.press("f")
        await wait_for(pilot, lambda: "● wrong ones" in screen_text(app), "the filter is marked")
        await pilot.press("end", "enter")
        await wait_for(pilot, lambda: "3 taken for 4, by number" in screen_text(app), "one confusion is gone through")
        await pilot.press("right")
        assert screen.index == 3
        await pilot.press("g")
        await wait_for(pilot, lambda: app.screen.query(Input), "a number is asked for")
        await pilot.press("1", "enter")
        await wait_for(pilot, lambda: "1 of 12" in screen_text(app), "a digit outside the filter ends it")


async def test_digits_in_the_order_of_certainty(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await pilot.press("o")
        await wait_for(pilot, lambda: "least certain first" in screen_text(app), "it is told")
        assert screen.index == 10
        await pilot.press("o", "end")
        assert screen.index == 11
        await pilot.press("o")
        await wait_for(pilot, lambda: "12 of 12" in screen_text(app), "by number the digit stays")


async def test_the_order_needs_a_model() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await digits_screen(pilot, app)
        await pilot.press("o")
        await wait_for(pilot, lambda: "after the first epoch" in notifications(app), "it is told")


async def test_what_moved_the_decision(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await pilot.press("s")
        await wait_for(pilot, lambda: "+ for 0  - for 1" in screen_text(app), "it is told what speaks for what")
        saliency = screen.query_one(DigitView).saliency
        assert saliency is not None and (saliency[0, 4:24] > 0).all() and not saliency[1:].any()
        assert "++++++++++" in screen_text(app)
        await pilot.press("right")
        await wait_for(pilot, lambda: "+ for 1  - for 0" in screen_text(app), "the next digit is looked at")
        await pilot.press("s")
        await wait_for(pilot, lambda: "+ for" not in screen_text(app), "it is hidden")


async def test_where_there_is_room_what_moved_the_decision_stands_below_the_digit(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(200, 60)) as pilot:
        screen = await trained(pilot, app)
        await wait_for(pilot, lambda: "+ for 0  - for 1" in screen_text(app), "it is there without a key")
        assert "+" * 40 in screen_text(app) and "%" * 40 in screen_text(app)
        await pilot.press("s")
        await wait_for(pilot, lambda: "+" * 40 not in screen_text(app), "it is hidden")
        await pilot.press("s")
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: "%" * 40 not in screen_text(app), "it is drawn over the digit")
        assert "+" * 40 in screen_text(app) and screen.query_one("#why").display is False


async def test_in_ascii_a_digit_is_drawn_in_shades_at_any_size(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)), settings=Settings(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await trained(pilot, app)
        await wait_for(pilot, lambda: " " + "=" * 20 + " " in screen_text(app), "two rows, one of them white, are a line")
        for key, shown in (("v", "%" * 40), ("v", "%%%%=====")):
            assert screen_text(app).isascii()
            await pilot.press(key)
            await wait_for(pilot, lambda shown=shown: shown in screen_text(app), "another form")  # type: ignore[misc]
        await pilot.press("3")
        for key in ("c", "w", "i", "a"):
            await pilot.press(key)
            await pilot.pause()
            assert screen_text(app).isascii()


async def test_hidden_layers_and_raw_outputs(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await pilot.press("a")
        await wait_for(pilot, lambda: "no hidden layers" in screen_text(app), "there are none")
        assert screen.query_one(PredictionBars).ranked[0].output is None
        await pilot.press("x")
        await wait_for(pilot, lambda: "8.000" in screen_text(app), "the raw output is shown: 20 pixels times 0.4")


def corrected(model: Model) -> Model:
    """Right about row 3, too."""
    model.network.layers[0].weight(model.parameters)[3 * SIDE : 4 * SIDE, [3, 4]] = [0.4, 0]
    return model


async def test_models_are_looked_with_one_after_the_other(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await wait_for(pilot, lambda: not loads(screen), "nothing is left to load")
        for _ in range(2):
            screen.catch_up()
        assert len(loads(screen)) == 1


def loads(screen: DigitsScreen) -> list[Worker[object]]:
    return [worker for worker in screen.workers if worker.group == "load" and not worker.is_finished]


async def test_the_change_since_the_epoch_before(tmp_path: Path) -> None:
    file = write_model(tmp_path) / "model.safetensors"
    app = make_app("--hold", "2", "--run", str(tmp_path))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        save_model(file, replace(corrected(load_model(file)), epoch=4))
        screen._go(3)
        app.client.resume()
        await wait_for(pilot, lambda: "Epoch 4: 1 of 12 wrong" in screen_text(app), "the newer model has looked")
        assert "epoch 3: 4" in screen_text(app) and "1 fewer than in epoch 3" in screen_text(app)
        arrows = {item.name: arrow(item) for item in screen.query_one(PredictionBars).ranked}
        assert (arrows["3"], arrows["4"], arrows["0"]) == ("▲", "▼", " ")


async def test_after_the_end_the_kept_epoch_is_compared_with_the_last(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path) / "model.safetensors")
    save_model(tmp_path / "snapshot.safetensors", replace(corrected(model), epoch=4))
    app = make_app("--run", str(tmp_path))
    async with app.run_test() as pilot:
        screen = await trained(pilot, app)
        await wait_for(pilot, lambda: "1 more than in epoch 4" in screen_text(app), "the last epoch has looked too")
        screen._go(3)
        await wait_for(pilot, lambda: "epoch 4: 3" in screen_text(app), "it is told what the last epoch took the digit for")
        assert "│ ▲ ▼  against that epoch" in screen_text(app)


def test_the_epoch_that_is_kept_and_the_last_are_called_so(tmp_path: Path) -> None:
    digits, model = few_digits(), load_model(write_model(tmp_path))
    kept, last = (predict_all(item, digits, lambda: True) for item in (model, replace(model, epoch=5)))
    text = model_note("epoch 3", 3, True, kept, last, 12).plain
    assert text == "Epoch 3, kept: 2 of 12 wrong (16.67%)\nas many as in epoch 5, the last\n│ ▲ ▼  against that epoch"


def deskewing_model(run: Path) -> Model:
    model = load_model(run)
    return replace(model, hyperparameters=configuration.replace(model.hyperparameters, {"preprocessing.deskew": True}))


async def test_there_is_room_to_explain_the_marks_of_the_bars_where_figures_are_long_and_digits_are_seen_deskewed(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await trained(pilot, app)
        note, digits, texts = screen.query_one("#model"), few_digits(), []
        for model, count in ((load_model(tmp_path), 10_000_000), (deskewing_model(tmp_path), 10_000)):
            kept, last = (predict_all(item, digits, lambda: True) for item in (model, replace(model, epoch=20)))
            texts.append(model_note("epoch 17", 17, True, kept, last, count))
        for columns, rows in ((80, 24), (120, 40)):
            await pilot.resize_terminal(columns, rows)

            def has_room(columns: int = columns) -> bool:
                is_drawn = screen.size.width == columns
                return is_drawn and all(text.get_height({}, note.size.width) <= note.size.height for text in texts)

            await wait_for(pilot, has_room, "there is room for all of it")


def test_what_the_network_sees_deskewed_is_said_so(tmp_path: Path) -> None:
    deskewing = deskewing_model(write_model(tmp_path))
    predictions = predict_all(deskewing, few_digits(), lambda: True)
    assert model_note("epoch 3", 3, True, predictions, None, 12).plain.startswith("Epoch 3, kept, sees them deskewed: ")


async def test_a_digit_can_be_seen_as_the_network_sees_it(tmp_path: Path) -> None:
    run = write_model(tmp_path)
    save_model(run / "model.safetensors", deskewing_model(run))
    app = make_app("--run", str(run))
    async with opened(app, size=(80, 24)) as (pilot, _):
        await pilot.press("r")
        screen = await digits_screen(pilot, app)
        view = screen.query_one(DigitView)
        await wait_for(pilot, lambda: view.deskewed is not None, "the model is loaded")
        while view.drawn_as is not View.DESKEWED:
            await pilot.press("v")
        await wait_for(pilot, lambda: "deskewed" in screen_text(app), "it is said what is drawn")
        assert screen.digits is not None and view.deskewed is not None
        image = screen.digits.image(screen.index)
        np.testing.assert_array_equal(view.deskewed.reshape(1, -1), deskewed(image.reshape(1, -1), *image.shape))


async def test_which_digits_are_gone_through_fits_a_small_window(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with opened(app, size=(60, 18)) as (pilot, _):
        await pilot.press("r")
        screen = await digits_screen(pilot, app)
        await wait_for(pilot, lambda: "all, by number" in screen_text(app), "all in their order")
        screen.filter, screen.order = Filter(Kind.UNCERTAIN), Order.CERTAIN
        screen.show()
        await wait_for(pilot, lambda: "most certain first" in screen_text(app), "the longest has two lines")
        assert "the 100 least certain,  " in screen_text(app) and "  9  " in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: "the 100 least certain, most certain first" in screen_text(app), "the longest has one line")


async def test_a_window_made_smaller_elsewhere_keeps_the_heading_of_the_digits_gone_through(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await trained(pilot, app)
        await pilot.press("1")
        await wait_for(pilot, lambda: app.screen is not screen, "another screen is shown")
        await pilot.resize_terminal(80, 24)
        await pilot.press("2")
        await wait_for(pilot, lambda: app.screen is screen and screen.size.width == 80, "the screen is back")
        await wait_for(pilot, lambda: "Digits     all, by number" in screen_text(app), "there is room for the heading")
        assert screen.query_one(DigitCaption).size.height == 3
