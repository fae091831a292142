"""Choosing a device, a data set and a theme."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from dataset import registry
from dataset.catalogue import IDX_FILES, REGISTERED, Published, Registered
from tests.tui.support import furnished, make_app, notifications, opened, screen_text, wait_for
from tests.unit.misbehaving_server import Handler, Server
from tui.app import DigitsApp
from tui.screens.fetching import FetchingScreen
from tui.screens.picker import Picker

IMAGES, LABELS = b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x01ab", b"\0\0\x08\x01\0\0\0\x02\0\x01"
FILES = {name: IMAGES if "images" in name else LABELS for name in IDX_FILES}


async def test_another_device_is_opened() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        assert "CPU · mnist" in screen_text(app)
        await wait_for(pilot, lambda: "only a software adapter here" in screen_text(app), "why the CPU was taken")
        await pilot.press("d")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the devices are shown")
        await pilot.press("down", "down", "enter")
        await wait_for(pilot, lambda: "software GPU llvmpipe · mnist" in screen_text(app), "it is the device")


async def test_a_dialogue_shows_its_keys_in_the_colour_of_keys() -> None:
    app = make_app()
    async with opened(app, size=(120, 40)) as (pilot, _):
        for keys, hint in ((("t",), "Enter take"), (("question_mark",), "Esc close"), (("f12",), "Esc close"), (("2", "g"), "Enter take")):
            await pilot.press(*keys)
            await wait_for(pilot, lambda: isinstance(app.screen, ModalScreen) and app.screen.query(".hint"), "the dialogue is open")
            content = app.screen.query_one(".hint", Static).content
            assert isinstance(content, Content) and hint in content.plain
            coloured = [content.plain[span.start : span.end] for span in content.spans if span.style == "$text-accent"]
            assert hint.split()[0] in coloured
            await pilot.press("escape")
            await wait_for(pilot, lambda: not app.screen.is_modal, "the dialogue is gone")


async def test_devices_are_looked_for_where_only_the_cpu_is_known() -> None:
    app = make_app(device="cpu")
    async with opened(app) as (pilot, _):
        await pilot.press("d")
        await wait_for(pilot, lambda: "software GPU llvmpipe" in screen_text(app), "the devices are shown")


async def test_a_data_set_that_is_not_there_is_told_and_the_one_before_kept() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("D")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the data sets are shown")
        await pilot.press("end", "enter")
        await wait_for(pilot, lambda: "Directory of the data set" in screen_text(app), "the directory is asked for")
        await pilot.press(*"/nowhere", "enter")
        await wait_for(pilot, lambda: "no data set /nowhere" in screen_text(app), "it is told")
        await pilot.press("escape")
        await wait_for(pilot, lambda: "CPU · mnist" in screen_text(app), "the data set is the one before")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Has the data set tiny, which is not here yet."""
    monkeypatch.setenv("DIGITS_TUI_DATASETS_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DIGITS_TUI_MIRROR", raising=False)
    with Server({f"{name}.gz": gzip.compress(data) for name, data in FILES.items()}) as running:
        files = tuple(Published(name, hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
        tiny = Registered("tiny", "two images", ("left", "right"), 1, files=files, mirrors=(running.address("mirror"),))
        monkeypatch.setattr(registry, "REGISTERED", {"mnist": REGISTERED["mnist"], "tiny": tiny})
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


async def tiny_chosen(pilot: Pilot[None], app: DigitsApp) -> None:
    await furnished(pilot, app)
    await pilot.press("D")
    await wait_for(pilot, lambda: "two images; not here yet: about 1 MB" in screen_text(app), "it is said that it has to be fetched")
    await pilot.press("down", "enter")
    await wait_for(pilot, lambda: isinstance(app.screen, FetchingScreen), "it is fetched")


async def test_a_data_set_that_is_not_here_is_fetched_as_soon_as_that_can_be_done(server: Server) -> None:
    server.behaviours["mirror"] = Handler.forbidden
    app = make_app()
    async with app.run_test() as pilot:
        await tiny_chosen(pilot, app)
        await wait_for(pilot, lambda: "tiny cannot be fetched" in screen_text(app) and "403 Forbidden" in screen_text(app), "it says why")
        server.behaviours.clear()
        await pilot.press("r")
        await wait_for(pilot, lambda: "there is no data set tiny here" in screen_text(app), "the scripted worker is asked for it")
        assert registry.load("tiny").classes == ("left", "right")


async def test_fetching_can_be_cancelled(server: Server) -> None:
    server.behaviours["mirror"] = Handler.silent
    app = make_app()
    async with app.run_test() as pilot:
        await tiny_chosen(pilot, app)
        await wait_for(pilot, lambda: "0.0 of 0.0 MB" in screen_text(app), "some of it is here")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not app.screen.is_modal, "the dialogue is gone")
        assert app.client.dataset == "mnist" and app.client.ready
        assert not registry.REGISTERED["tiny"].is_here


async def test_neither_is_chosen_while_training() -> None:
    app = make_app("--hold", "1")
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.progress, "training has begun")
        for key, what in (("d", "another device"), ("D", "another data set")):
            await pilot.press(key)
            await pilot.pause()
            assert what in notifications(app)
            assert not app.screen.is_modal


async def test_themes_of_every_kind_draw_every_screen() -> None:
    app = make_app()
    async with opened(app) as (pilot, _):
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_over, "the run is over")
        for theme in ("digits-light", "ansi-dark", "textual-light", "solarized-dark"):
            app.theme = theme
            for key in "321":
                await pilot.press(key)
        await pilot.press("t")
        await wait_for(pilot, lambda: isinstance(app.screen, Picker), "the themes are shown")
        await pilot.press("home")
        await wait_for(pilot, lambda: "For colour-blind eyes" in screen_text(app), "it is said what our own are for")
        await pilot.press("enter")
        assert app.theme == "digits-dark"


async def test_a_detail_that_goes_on_below_stays_below_its_beginning_in_the_smallest_terminal() -> None:
    app = make_app()
    async with app.run_test(size=(60, 18)) as pilot:
        await furnished(pilot, app)
        await pilot.press("t")
        await wait_for(pilot, lambda: "against orange," in screen_text(app), "the themes are offered")
        begun, gone_on = (
            next(line.index(words) for line in screen_text(app).splitlines() if words in line) for words in ("For colour", "never red")
        )
        assert begun == gone_on
