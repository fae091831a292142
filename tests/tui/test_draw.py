"""Drawing with the mouse and with keys, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.events import MouseDown, MouseMove, MouseUp, Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from dataset import Dataset, Split, registry
from engine.hyperparameters import configuration
from engine.model_file import load_model
from tests.tui.support import few_digits, furnished, make_app, notifications, opened, screen_text, wait_for, write_model
from tui.app import DigitsApp
from tui.digits.gallery import Digits
from tui.drawing.sight import look_at
from tui.drawing.strokes import SIDE, Drawing
from tui.screens.draw import DrawScreen
from tui.screens.label import LabelPicker
from tui.state import Memory
from tui.widgets.canvas import Canvas
from tui.widgets.digit_view import DigitView
from tui.widgets.prediction_bars import PredictionBars


@pytest.fixture(autouse=True)
def _few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())


def test_a_drawing_is_said_to_be_seen_deskewed(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path))
    deskewing = replace(model, hyperparameters=configuration.replace(model.hyperparameters, {"preprocessing.deskew": True}))
    levels = few_digits().image(3)
    assert [look_at(levels, *levels.shape, item).is_deskewed for item in (None, model, deskewing)] == [False, False, True]


async def draw_screen(pilot: Pilot[None], app: DigitsApp) -> DrawScreen:
    await furnished(pilot, app)
    await pilot.press("5")
    await wait_for(pilot, lambda: isinstance(app.screen, DrawScreen) and app.screen.digits, "the canvas and the digits are there")
    screen = app.screen
    assert isinstance(screen, DrawScreen)
    return screen


async def drag(pilot: Pilot[None], points: Sequence[tuple[int, int]], button: int = 1, is_lifted: bool = True) -> None:
    """Over cells of the canvas."""
    app = pilot.app
    await pilot._post_mouse_events([MouseDown], app.screen.query_one(Canvas), points[0], button=button)
    for point in points[1:]:
        await pilot._post_mouse_events([MouseMove], app.screen.query_one(Canvas), point, button=button)
    if is_lifted:
        await pilot._post_mouse_events([MouseUp], app.screen.query_one(Canvas), points[-1], button=button)
    await pilot.pause()


def ink(screen: DrawScreen) -> float:
    return float(screen.drawing.levels.mean())


@pytest.mark.parametrize("quick", [0, 10**6], ids=["in a thread", "at once"])
async def test_an_empty_canvas_predicts_nothing_and_a_stroke_does(quick: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.draw.QUICK", quick)
    app = make_app("--run", str(write_model(tmp_path)))
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        screen = await draw_screen(pilot, app)
        await wait_for(pilot, lambda: "Draw with the mouse" in screen_text(app), "it is told how to begin")
        assert "Nothing drawn yet" in screen_text(app) and screen.query_one(PredictionBars).ranked == ()
        for key in ("c", "s", "y", "u", "U", "C", "i", "i"):
            await pilot.press(key)
        assert screen.drawing.is_empty and app.screen is screen
        await drag(pilot, [(10, 10), (30, 10)])
        await wait_for(pilot, lambda: "Prediction  " in screen_text(app), "it is predicted")
        ranked = screen.query_one(PredictionBars).ranked
        assert sum(item.probability for item in ranked) == pytest.approx(1)
        assert screen.sight is not None and screen.sight.look is not None
        assert ranked[0].name == str(screen.sight.look.taken) and "✗" not in screen_text(app)
        await pilot.press("C")
        await wait_for(pilot, lambda: "Nothing drawn yet" in screen_text(app), "the prediction is gone")
        await pilot.press("u")
        await wait_for(pilot, lambda: "Prediction  " in screen_text(app), "both are back")


async def test_without_a_model_the_image_is_shown_and_what_to_do() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 10), (30, 10)])
        await wait_for(pilot, lambda: "No prediction" in screen_text(app), "there is none")
        assert "Press 1, then r, to train a network" in str(screen.query_one("#note", Static).content)
        await wait_for(pilot, lambda: np.any(screen.query_one("#seen", DigitView).image), "the image is shown")


async def test_fast_strokes_have_no_gaps_and_reach_beyond_the_edge() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(20, 2), (20, 17)])
        column = screen.drawing.levels[:, round(20.5 / 40 * SIDE)]
        assert (column[round(0.15 * SIDE) : round(0.85 * SIDE)] == 255).all()
        await drag(pilot, [(5, 10), (60, 10)])
        assert screen.drawing.levels[round(0.525 * SIDE)][-1] == 255
        assert app.mouse_captured is None and not app.screen.selections


async def test_the_right_button_erases_and_a_release_that_was_lost_ends_the_stroke() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 10), (30, 10)])
        before = ink(screen)
        await drag(pilot, [(20, 5), (20, 15)], button=3)
        assert 0 < ink(screen) < before
        await drag(pilot, [(10, 3), (12, 3)], is_lifted=False)
        assert screen.drawing.is_drawing
        await pilot.hover(Canvas, (30, 18))
        assert not screen.drawing.is_drawing
        kept = ink(screen)
        await pilot.hover(Canvas, (5, 18))
        assert ink(screen) == kept


async def test_keys_draw_just_as_well() -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await pilot.press("l", "h", "shift+up", "k")
        assert screen.drawing.is_empty
        await wait_for(pilot, lambda: "○" in screen_text(app) and "pen up" in screen_text(app), "the cursor is shown")
        await pilot.press("space", *"jjjjj", "pagedown", "end", "L")
        await wait_for(pilot, lambda: "●" in screen_text(app) and "pen down" in screen_text(app), "the pen is down")
        with_pen = ink(screen)
        await pilot.press("space", "right", "right")
        assert ink(screen) == with_pen
        assert len(screen.drawing.operations) == 1
        await pilot.press("x")
        await wait_for(pilot, lambda: "eraser up" in screen_text(app), "it is an eraser now")
        await pilot.press("space", "H", "escape", "x")
        assert 0 < ink(screen) < with_pen
        await pilot.press("u")
        assert ink(screen) == with_pen
        await pilot.press("u", "U", *["plus"] * 9)
        await wait_for(pilot, lambda: "brush 5 of 5" in screen_text(app), "the brush is the thickest")
        await pilot.press("space", "space")
        assert ink(screen) > with_pen
        await pilot.press(*["minus"] * 9)
        await wait_for(pilot, lambda: "brush 1 of 5" in screen_text(app), "it is the thinnest")


async def test_the_cursor_stays_on_the_canvas_and_every_step_is_seen() -> None:
    app = make_app()
    async with app.run_test(size=(60, 18)) as pilot:
        screen = await draw_screen(pilot, app)
        for key, most in (("left", 30), ("up", 30), ("right", 14), ("down", 14)):
            cells = []
            for _ in range(most):
                await pilot.press(key)
                canvas = screen.query_one(Canvas)
                assert canvas.cursor is not None
                cells.append(canvas._cell(canvas.cursor))
            assert cells[-1][0] in range(canvas.size.width) and cells[-1][1] in range(canvas.size.height)
        assert len(set(cells)) == canvas.size.height - 1


async def test_nothing_is_lost_by_leaving_the_screen_or_the_program(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state.json")
    memory.remember(greeted=True)
    app = make_app(memory=memory)
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 10), (30, 10)])
        await pilot.press("plus", "space", "j", "j")
        drawn = screen.drawing.levels
        await pilot.press("1", "5")
        np.testing.assert_array_equal(screen.drawing.levels, drawn)
        await pilot.press("space", *"kkkk")
        drawn = screen.drawing.levels
    again = make_app(memory=Memory(tmp_path / "state.json"))
    async with again.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(again.screen, DrawScreen), "the canvas is shown again")
        screen = again.screen
        assert isinstance(screen, DrawScreen)
        assert np.abs(screen.drawing.levels.astype(int) - drawn).max() <= 2
        await wait_for(pilot, lambda: "brush 4 of 5" in screen_text(again), "the brush is the same")
        await pilot.press("u")
        assert 0 < ink(screen) < drawn.mean()


async def test_a_state_that_holds_no_drawing_begins_with_an_empty_canvas() -> None:
    memory = Memory()
    memory.remember(layout={"draw.drawing": [{"stroke": "nonsense"}]})
    app = make_app(memory=memory)
    async with app.run_test() as pilot:
        assert (await draw_screen(pilot, app)).drawing.is_empty


async def test_drawings_are_saved_and_loaded(tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 5), (30, 5), (20, 17)])
        drawn = ink(screen)
        await pilot.press("s")
        await wait_for(pilot, lambda: "IDX (as seen) ─" in screen_text(app), "a name is asked for, and the forms are named")
        app.screen.query_one(Input).value = str(tmp_path / "seven.json")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Written to" in notifications(app), "it is written")
        await pilot.press("C", "o")
        await wait_for(pilot, lambda: app.screen.query(Input), "a file is asked for")
        app.screen.query_one(Input).value = str(tmp_path / "seven.json")
        await pilot.press("enter")
        await wait_for(pilot, lambda: ink(screen) == pytest.approx(drawn, rel=0.01), "it is back")
        await pilot.press("o")
        await wait_for(pilot, lambda: app.screen.query(Input), "a file is asked for")
        app.screen.query_one(Input).value = str(tmp_path / "none.png")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "does not exist" in screen_text(app), "there is none")
        assert app.screen.query_one(Input).value == str(tmp_path / "none.png")
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen, "nothing is loaded where nothing is named")
        assert ink(screen) == pytest.approx(drawn, rel=0.01)


async def test_paths_and_art_are_pasted_and_drawings_copied(tmp_path: Path) -> None:
    picture = np.zeros((300, 200), np.uint8)
    picture[50:250, 90:110] = 255
    Image.fromarray(255 - picture).save(tmp_path / "a one.png")
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        app.post_message(Paste(f"'{tmp_path / 'a one.png'}'\n"))
        await wait_for(pilot, lambda: ink(screen) > 0, "the picture is there")
        await wait_for(pilot, lambda: np.any(screen.query_one("#seen", DigitView).image), "it is seen")
        await pilot.press("y")
        assert app.clipboard.count("%%%%") == 20
        copied = screen.drawing.levels
        await pilot.press("C", "p")
        await wait_for(pilot, lambda: ink(screen) > 0, "the copy is there")
        assert np.corrcoef(copied.ravel(), screen.drawing.levels.ravel())[0, 1] > 0.9
        before = ink(screen)
        app.post_message(Paste("   \n  "))
        await wait_for(pilot, lambda: "neither the path" in notifications(app), "blanks are no drawing")
        assert ink(screen) == before


async def test_a_drawing_is_kept_with_its_right_label(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with opened(app, size=(200, 60)) as (pilot, _):
        await pilot.press("r")
        screen = await draw_screen(pilot, app)
        for count, key in enumerate(("7", "7", "enter"), start=1):
            await pilot.press("r")
            await wait_for(pilot, lambda: "Prediction  " in screen_text(app), "it is predicted")
            guess = screen.sight.look.taken if screen.sight and screen.sight.look else -1
            await pilot.press("c")
            await wait_for(pilot, lambda: isinstance(app.screen, LabelPicker), "the label is asked for")
            await pilot.press(key)
            await wait_for(pilot, lambda count=count: f"{count} in " in notifications(app), "it is kept")  # type: ignore[misc]
            assert screen.drawing.is_empty
        directory = tmp_path / "data" / "drawings" / "mnist-drawn"
        missing = ", ".join(str(label) for label in range(10) if label not in (7, guess))
        assert f"Kept as {guess}: 1 of that class" in notifications(app) and f"none yet of {missing}" in notifications(app)
        assert "Backspace takes it out again." in notifications(app)
        await wait_for(pilot, lambda: "1: 7" in screen_text(app) and "test 1: 7" in screen_text(app), "they are shown")
        await pilot.press("c")
        assert app.screen is screen and "Draw something first" in notifications(app)
        for label in (*range(10), 3):
            screen.drawing = Drawing()
            await drag(pilot, [(10, 10), (30, 10)])
            await pilot.press("c", str(label))
            await wait_for(pilot, lambda label=label: f"Kept as {label}" in notifications(app) and screen.drawing.is_empty, "it is kept")  # type: ignore[misc]
        assert "Train on them: D" in notifications(app)
        await pilot.press("D")
        await wait_for(pilot, lambda: "mnist-drawn" in screen_text(app), "they are offered as a data set")
        await pilot.press("escape", "backspace")
        await wait_for(pilot, lambda: "13 are left" in notifications(app), "the last one is taken out again")
    found = registry.load(str(directory))
    assert len(found.classes) == 10 and len(found.test) >= 1 and found.train.images.any(axis=1).all()


def letters() -> Digits:
    """Of 48x64 pixels, and with names."""
    images = np.zeros((4, 48 * 64), np.uint8)
    images[:, 1000:1200] = 255
    nothing = Split(np.empty((0, 48 * 64), np.uint8), np.empty(0, np.uint8))
    return Digits(Dataset("shapes", "", nothing, Split(images, np.arange(4, dtype=np.uint8)), 48, 64, ("j", "k", "star", "Stone"), ""), "")


async def test_other_sizes_and_class_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: letters())
    app = make_app()
    async with app.run_test() as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 10), (30, 10)])
        await wait_for(pilot, lambda: screen.sight and screen.sight.image.any() and screen.sight.image.shape == (48, 64), "it is seen")
        shown = screen.query_one("#seen", DigitView)
        assert shown.image is not None and shown.image.shape[1] <= shown.size.width and shown.image.shape[0] <= 2 * shown.size.height
        for keys, name in (("k", "k"), ("2", "star"), ("ss", "Stone"), ("s", "star")):
            await drag(pilot, [(10, 10), (30, 10)])
            await pilot.press("c")
            await wait_for(pilot, lambda: isinstance(app.screen, LabelPicker), "the label is asked for")
            await pilot.press(*keys, *(["enter"] if "s" in keys else []))
            await wait_for(pilot, lambda name=name: f"Kept as {name}" in notifications(app) and screen.drawing.is_empty, "it is kept")  # type: ignore[misc]


async def test_ascii_alone_shows_both_images() -> None:
    from tui.settings import Settings

    app = make_app(settings=Settings(ascii=True))
    async with app.run_test() as pilot:
        await draw_screen(pilot, app)
        await drag(pilot, [(10, 10), (30, 10)])
        await wait_for(pilot, lambda: screen_text(app).count("%%%%%") >= 2, "there are characters on both")
        await pilot.press("space", "l")
        await pilot.pause()
        assert screen_text(app).isascii()


async def test_a_drawing_keeps_its_shape_at_every_size_of_the_terminal() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await draw_screen(pilot, app)
        await drag(pilot, [(10, 5), (30, 5), (20, 17)])
        drawn, canvas = screen.drawing.levels, screen.query_one(Canvas)
        for size, lines in (((120, 40), 36), ((200, 60), 56), ((60, 18), 13), ((80, 24), 20)):
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda lines=lines: canvas._pixels.shape == (2 * lines, 2 * lines), "it has its size")  # type: ignore[misc]
            assert canvas.size == (2 * lines, lines)
            assert canvas._pixels.mean() == pytest.approx(drawn.mean(), abs=0.6)
