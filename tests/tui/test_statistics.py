"""The pages of statistics, by their keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from tests.tui.support import few_digits, furnished, make_app, notifications, opened, screen_text, wait_for, write_model
from tui.app import DigitsApp
from tui.digits.selection import Filter, Kind
from tui.screens.digits import DigitsScreen
from tui.screens.statistics import StatisticsScreen
from tui.settings import Settings
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.contact_sheet import ContactSheet
from tui.widgets.sections import Sections
from tui.widgets.weight_images import WeightImages


@pytest.fixture(autouse=True)
def _few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())


async def statistics_screen(pilot: Pilot[None], app: DigitsApp) -> StatisticsScreen:
    await furnished(pilot, app)
    await pilot.press("r")
    await wait_for(pilot, lambda: app.client.run and app.client.run.evaluation, "the run is over")
    await pilot.press("3")
    await wait_for(pilot, lambda: "Calibration error" in screen_text(app), "the summary is shown")
    screen = app.screen
    assert isinstance(screen, StatisticsScreen)
    return screen


async def test_every_page_has_a_key(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await statistics_screen(pilot, app)
        pages = [
            ("c", "Targets down, predictions across"),
            ("a", "Calibration error: 1.00%"),
            ("i", "over 256 training digits"),
            ("w", "First layer, neurons 1 to 8 of 10"),
            ("s", "Early stopping"),
        ]
        for key, text in pages:
            await pilot.press(key)
            await wait_for(pilot, lambda text=text: text in screen_text(app), f"{text} is shown")  # type: ignore[misc]


@pytest.mark.parametrize("width", [160, 166, 200])
async def test_the_figures_of_the_classes_are_whole_beside_the_others(tmp_path: Path, width: int) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(width, 48)) as pilot:
        screen = await statistics_screen(pilot, app)
        await pilot.pause()
        table = screen.query_one("#class-column ClassTable")
        assert screen.query_one("#summary").region.contains_region(table.region)


async def test_pages_follow_one_another(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test() as pilot:
        screen = await statistics_screen(pilot, app)
        seen = []
        for key in ("tab", "right_square_bracket", "tab", "tab", "tab", "shift+tab", "left_square_bracket"):
            await pilot.press(key)
            seen.append(screen.page)
        assert seen == ["confusion", "calibration", "histograms", "weights", "summary", "weights", "histograms"]
        await pilot.click("PageTabs", offset=(3, 0))
        await wait_for(pilot, lambda: screen.page == "summary", "a click turns to a page too")


async def test_the_smallest_terminal_has_room_for_the_names_of_all_pages(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(60, 18)) as pilot:
        screen = await statistics_screen(pilot, app)
        assert "s Summary c Confusion a Calibration i Histograms w Weights" in screen_text(app)
        await pilot.click("PageTabs", offset=(58, 0))
        await wait_for(pilot, lambda: screen.page == "weights", "the last one can be clicked to its end")


async def test_figures_stand_beside_their_names_however_narrow_the_terminal(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(60, 60)) as pilot:
        screen = await statistics_screen(pilot, app)

        def fits(width: int, beside: int) -> bool:
            shown = [widget for widget in screen.query(Sections) if widget.display]
            lines = [(widget, line) for widget in shown for line in widget.render().plain.splitlines()]
            return (screen.size.width, len(shown)) == (width, beside) and all(len(line) <= widget.size.width for widget, line in lines)

        for width, beside in ((60, 1), (76, 2), (75, 1), (110, 3)):
            await pilot.resize_terminal(width, 60)
            await wait_for(pilot, partial(fits, width, beside), f"{width} wide")


async def test_the_cursor_goes_through_the_confusions_and_opens_their_digits(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await statistics_screen(pilot, app)
        await pilot.press("enter")
        matrix = screen.query_one(ConfusionMatrix)
        await wait_for(pilot, lambda: "0 taken for 1: 3 of 100 (3.00%)" in screen_text(app), "the cursor is on the most frequent miss")
        for key, cursor in (("down", (1, 1)), ("l", (1, 2)), ("up", (0, 2)), ("h", (0, 1)), ("k", (9, 1)), ("left", (9, 0))):
            await pilot.press(key)
            assert matrix.cursor == cursor
        await pilot.press("right", "enter")
        await wait_for(pilot, lambda: "that counts something" in notifications(app), "9 is never taken for 1")
        await pilot.click(ConfusionMatrix, offset=(2 + 5 * 4 + 2, 1 + 3))
        await wait_for(pilot, lambda: "3 taken for 4: 3 of 100" in screen_text(app), "a click takes the cursor along")
        await wait_for(pilot, lambda: "▀▀▀▀" in screen_text(app) or "▄▄▄▄" in screen_text(app), "its digits are shown")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "1 of 1 · digit 4" in screen_text(app), "the digits are gone through")
        assert isinstance(app.screen, DigitsScreen) and app.screen.filter == Filter(Kind.CONFUSION, 3, 4)


async def test_weights_are_paged_through(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await statistics_screen(pilot, app)
        await pilot.press("w")
        await wait_for(pilot, lambda: "1 to 8 of 10" in screen_text(app) and "class 5  ±0.4" in screen_text(app), "the first page")
        images = screen.query_one(WeightImages)
        for key, first in (("right", 8), ("right", 0), ("left", 8), ("home", 0), ("end", 8), ("pageup", 0), ("down", 8)):
            await pilot.press(key)
            assert images.first == first
        await wait_for(pilot, lambda: "9 to 10 of 10" in screen_text(app), "the last page is told")


@pytest.mark.parametrize(
    ("options", "no_color", "legend"),
    [
        ({}, "", "■ below zero  ■ above"),
        ({}, "1", "dark below zero  bright above"),
        ({"settings": Settings(ascii=True)}, "1", "- below zero  + above"),
    ],
)
async def test_the_legend_of_weights_shows_them_as_they_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], no_color: str, legend: str
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    app = make_app("--run", str(write_model(tmp_path)), **options)
    async with app.run_test(size=(120, 40)) as pilot:
        await statistics_screen(pilot, app)
        await pilot.press("w")
        await wait_for(pilot, lambda: legend in screen_text(app), "the legend is shown")


async def test_long_pages_scroll(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await statistics_screen(pilot, app)
        scroll = screen.query_one("#summary", VerticalScroll)
        await wait_for(pilot, lambda: scroll.max_scroll_y > 10, "there is more than fits")
        for key, place in (("down", 1), ("j", 2), ("up", 1), ("end", scroll.max_scroll_y), ("g", 0)):
            await pilot.press(key)
            await wait_for(pilot, lambda place=place: scroll.scroll_y == place, f"{key} scrolls")  # type: ignore[misc]
        await pilot.press("pagedown")
        await wait_for(pilot, lambda: scroll.scroll_y > 5, "a page down")
        await pilot.press("b")
        await wait_for(pilot, lambda: scroll.scroll_y == 0, "a page up")


async def test_before_the_first_epoch_pages_say_so() -> None:
    app = make_app("--hold", "1")
    async with opened(app) as (pilot, _):
        await pilot.press("3")
        await wait_for(pilot, lambda: "There are no figures yet" in screen_text(app), "there is no run")
        await pilot.press("1", "r", "3")
        await wait_for(pilot, lambda: "Composition" in screen_text(app), "there is a network")
        for key in ("c", "a", "i", "w"):
            await pilot.press(key)
            await wait_for(pilot, lambda: "after the first epoch" in screen_text(app), "the page is empty")


async def test_a_network_is_looked_at_while_it_trains(tmp_path: Path) -> None:
    app = make_app("--hold", "2", "--run", str(write_model(tmp_path)))
    async with opened(app) as (pilot, _):
        await pilot.press("r", "3", "c")
        await wait_for(pilot, lambda: "1 taken for 0: 1 of 2 (50.00%)" in screen_text(app), "the newest model is evaluated here")
        assert app.client.is_training
        await pilot.press("s")
        await wait_for(pilot, lambda: "Calibration error" in screen_text(app), "the summary is shown")
        sections = [section for widget in app.screen.query(Sections) for section in widget.sections]
        [evaluation] = [dict(section.rows) for section in sections if section.title == "Evaluation"]
        assert evaluation["Model"] == "epoch 3"
        await pilot.press("a")
        await wait_for(pilot, lambda: "Calibration error of epoch 3: " in screen_text(app), "it is said of which epoch the figures are")


async def test_wrong_digits_are_shown_where_the_terminal_grew_while_another_screen_was_open(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await statistics_screen(pilot, app)
        await pilot.press("4")
        await pilot.resize_terminal(200, 60)
        await pilot.press("3")
        sheet = screen.query_one("#worst", ContactSheet)
        await wait_for(pilot, lambda: sheet.thumbnails, "there is room for them now")


async def test_a_matrix_that_is_seen_whole_is_not_said_to_be_a_part(tmp_path: Path) -> None:
    app = make_app("--run", str(write_model(tmp_path)))
    async with app.run_test(size=(100, 30)) as pilot:
        await statistics_screen(pilot, app)
        await pilot.click("PageTabs", offset=(13, 0))
        await wait_for(pilot, lambda: "Targets down" in screen_text(app), "the page is shown")
        await wait_for(pilot, lambda: "across: " not in screen_text(app), "its matrix is shown whole")
