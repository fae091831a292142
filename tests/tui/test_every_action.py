"""Every action of the table by each of its keys, and what is to be seen of it. A place without a scenario here fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.runs.names import runs_directory
from tests.tui.support import (
    SCRIPTED_COORDINATOR,
    few_digits,
    make_app,
    opened,
    screen_text,
    scripted,
    wait_for,
    write_model,
    write_run,
)
from tui.app import DigitsApp
from tui.bindings import ACTIONS
from tui.modes import MODES, PLACES
from tui.runs.view import RunPhase
from tui.widgets.run_table import RunTable


class Keyboard:
    """Presses the keys of actions, and sees that each does something."""

    def __init__(self, pilot: Pilot[None], app: DigitsApp) -> None:
        self.pilot, self.app = pilot, app
        self.used: set[str] = set()

    def seen(self) -> object:
        """What a person could notice."""
        app = self.app
        return app.screen, screen_text(app), app.clipboard, app.current_mode, len(app._notifications)

    async def does(self, *ids: str, before: tuple[str, ...] = (), see: Callable[[], object] | None = None) -> None:
        """Presses every key of actions, each after the keys ``before``; something else is seen than until then. Leaves dialogues."""
        see = see or self.seen
        for action in [next(action for action in ACTIONS if action.id == name) for name in ids]:
            for key in action.keys.split(","):
                for other in before:
                    await self.pilot.press(other)
                    await self.pilot.pause()
                until_then = see()
                await self.pilot.press(key)
                await self.until(lambda until_then=until_then: see() != until_then, f"{key} does {action.id}")
                if self.app.screen.is_modal:
                    await self.pilot.press("escape")
                    await self.until(lambda: not self.app.screen.is_modal, "the dialogue is gone")
            self.used.add(action.id)

    async def until(self, predicate: Callable[[], object], description: str) -> None:
        await wait_for(self.pilot, predicate, description)

    @property
    def phase(self) -> RunPhase | None:
        return self.app.client.run.phase if self.app.client.run else None


async def anywhere(keyboard: Keyboard) -> None:
    for mode in MODES:
        other = next(item for item in MODES if item is not mode)
        await keyboard.does(mode.action, before=(other.keys.partition(",")[0],), see=lambda: keyboard.app.current_mode)
    await keyboard.pilot.press("1")
    await keyboard.does("view.choose_theme", "worker.choose_device", "worker.choose_dataset", "worker.restart", "worker.give_up")
    await keyboard.does("view.jump_mode")
    await keyboard.does("export.picture", "export.metrics", "export.confusion", "export.digits")
    await keyboard.does("app.explain", "app.command_palette", "app.help")
    await keyboard.pilot.press("r")
    await keyboard.until(lambda: keyboard.app.client.progress, "training has begun")
    await keyboard.does("app.quit", "app.quit_now")


async def train(keyboard: Keyboard) -> None:
    await keyboard.does("train.choose_preset", "train.load", "train.save", "train.show_results", "train.show_form", "train.copy")
    await keyboard.does("train.distortions", see=lambda: keyboard.app.screen)
    await keyboard.pilot.press("tab", "down", "6", "4", "escape")
    await keyboard.does("train.undo")
    await keyboard.does("train.redo", before=("u",))
    await keyboard.does("train.reset")
    await trained(keyboard)
    await keyboard.does("train.fix", "train.copy_run", "train.zoom", "train.log_scale", "train.cursor", "train.cursor_left")
    await keyboard.does("train.cursor_right")
    await keyboard.does("train.pause", "train.resume", see=lambda: keyboard.phase)
    for way_to_end in ("train.stop", "train.abort"):
        await keyboard.until(lambda: keyboard.app.client.run and keyboard.app.client.run.is_over, "the run is over")
        await trained(keyboard)
        await keyboard.does(way_to_end, see=lambda: keyboard.phase)


async def trained(keyboard: Keyboard) -> None:
    """A run in its fourth epoch, where the worker waits for a command."""
    await keyboard.does("train.run", see=lambda: keyboard.phase)
    await keyboard.until(lambda: keyboard.app.client.progress and keyboard.app.client.progress.epoch == 4, "epoch 4 has begun")
    await keyboard.until(lambda: "[03]" in screen_text(keyboard.app), "three epochs are shown")


async def digits(keyboard: Keyboard) -> None:
    await keyboard.pilot.press("r", "2")
    await keyboard.until(lambda: "2 of 12 wrong" in screen_text(keyboard.app), "all digits are predicted")
    await keyboard.does("digits.next", "digits.previous", "digits.forward", "digits.back")
    await keyboard.does("digits.first", before=("end",))
    await keyboard.does("digits.last", "digits.jump", "digits.next_wrong", "digits.previous_wrong", "digits.random")
    await keyboard.does("digits.filter", "digits.reorder", "digits.saliency", "digits.activations", "digits.outputs", "digits.change_view")
    await keyboard.does("digits.distortions", see=lambda: keyboard.app.screen)


async def statistics(keyboard: Keyboard) -> None:
    await keyboard.pilot.press("r")
    await keyboard.until(lambda: keyboard.app.client.run and keyboard.app.client.run.evaluation, "the run is over")
    await keyboard.pilot.press("3")
    await keyboard.until(lambda: "Calibration error" in screen_text(keyboard.app), "the summary is shown")
    await keyboard.does("statistics.see_calibration", "statistics.see_histograms", "statistics.see_weights", "statistics.see_summary")
    await keyboard.does("statistics.next_page", "statistics.previous_page")
    await keyboard.does("statistics.page_down", "statistics.bottom", before=("home",))
    await keyboard.does("statistics.page_up", "statistics.top", before=("end",))
    await keyboard.does("statistics.see_confusion", "statistics.down", "statistics.up", "statistics.right", "statistics.left")
    await keyboard.does("statistics.open_digits", see=lambda: keyboard.app.current_mode)


async def sweep(keyboard: Keyboard) -> None:
    app = keyboard.app
    await keyboard.pilot.press("4")
    await keyboard.until(lambda: "ready to search" in screen_text(app), "the form is ready")
    await keyboard.does("sweep.copy")
    await searching(keyboard)
    await keyboard.does("sweep.stop")
    await keyboard.does("sweep.pause", "sweep.resume", see=lambda: app.sweeps.sweep and app.sweeps.sweep.is_paused)
    await keyboard.until(lambda: app.sweeps.sweep and app.sweeps.sweep.winner is not None and app.sweeps.sweep.is_over, "it is over")
    await keyboard.does("sweep.show_setup", "sweep.show_results", "sweep.open", "sweep.go_on", "sweep.save", "sweep.open_trial")
    await keyboard.does("sweep.down", "sweep.page_down", "sweep.last", before=("home",))
    await keyboard.does("sweep.up", "sweep.page_up", "sweep.first", "sweep.best", before=("end",))
    await keyboard.does("sweep.sort_before", "sweep.sort_next", "sweep.reverse")
    await keyboard.does("sweep.zoom")
    await keyboard.does("sweep.apply", see=lambda: app.current_mode)


async def searching(keyboard: Keyboard) -> None:
    """A sweep in its third trial, where the coordinator waits for a command."""
    await keyboard.does("sweep.run", see=lambda: keyboard.app.sweeps.sweep)
    await keyboard.until(lambda: "running" in screen_text(keyboard.app), "it has begun")


async def draw(keyboard: Keyboard) -> None:
    app = keyboard.app
    await keyboard.pilot.press("r", "5")
    await keyboard.until(lambda: "right label" in screen_text(app) or "Draw with the mouse" in screen_text(app), "there is a model")
    await keyboard.does("draw.right", "draw.left", "draw.down", "draw.up", "draw.up_left", "draw.down_right", "draw.up_right")
    await keyboard.does("draw.down_left", "draw.far_right", "draw.far_left", "draw.far_down", "draw.far_up")
    await keyboard.does("draw.pen", "draw.eraser", "draw.thinner", "draw.thicker", "draw.random", "draw.invert", "draw.undo")
    await keyboard.does("draw.redo", before=("u",))
    await keyboard.does("draw.clear", before=("r",))
    await keyboard.pilot.press("r")
    await keyboard.until(lambda: "Prediction" in screen_text(app), "it is looked at")
    await keyboard.does("draw.keep", "draw.take_back", "draw.save", "draw.load", "draw.paste", "draw.copy")


async def runs(keyboard: Keyboard) -> None:
    root, app = runs_directory(), keyboard.app
    for number in range(30):
        write_run(root, f"run-{number:02}", changes={"training.seed": number}, when=f"2026-01-{number + 1:02}T12:00:00+00:00")
    write_model(root / "run-29")
    await keyboard.pilot.press("6")
    await keyboard.until(lambda: "Runs: 30" in screen_text(app), "the runs are listed")
    await keyboard.does("runs.down", "runs.up")
    await keyboard.does("runs.page_down", "runs.last", before=("home",))
    await keyboard.does("runs.page_up", "runs.first", before=("end",))
    await keyboard.does("runs.right", "runs.left", "runs.turn_round", "runs.order_before", "runs.order_next", "runs.order")
    await keyboard.does("runs.mark", "runs.unmark", "runs.filter")
    await keyboard.pilot.press("escape")
    await keyboard.does("runs.note", "runs.rename", "runs.copy", "runs.disk", "runs.overlay", "runs.delete", "runs.undo")
    await keyboard.pilot.press("u", "space", "space")
    await keyboard.until(lambda: "Runs: 30, 2 marked" in screen_text(app), "two runs are marked")
    await keyboard.does("runs.compare", "runs.all_values", "runs.zoom", see=lambda: screen_text(app))
    await keyboard.does("runs.log_scale", before=("z",), see=lambda: screen_text(app))
    await keyboard.pilot.press("escape", "home")
    await keyboard.until(lambda: app.screen.query_one(RunTable).run.name == "run-29", "the cursor is on the run with a model")
    await keyboard.does("runs.open_digits", "runs.open_statistics", "runs.apply", before=("6",), see=lambda: app.current_mode)
    await keyboard.does("runs.resume", before=("6",))


SCENARIOS: dict[str, Callable[[Keyboard], Awaitable[None]]] = {
    "anywhere": anywhere,
    "train": train,
    "digits": digits,
    "statistics": statistics,
    "sweep": sweep,
    "draw": draw,
    "runs": runs,
}
"""By the place where the keys work."""


@pytest.mark.parametrize("place", PLACES)
async def test_every_action_by_each_of_its_keys(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    monkeypatch.setattr("random.randrange", lambda stop: stop // 2)
    hold = {"anywhere": "1", "train": "4"}.get(place, "0")
    coordinator = scripted(SCRIPTED_COORDINATOR, "--hold", "2")
    app = make_app("--run", str(write_model(tmp_path)), "--hold", hold, "--hint", "training.batch_size=32", coordinator=coordinator)
    async with opened(app, size=(80, 24)) as (pilot, _):
        keyboard = Keyboard(pilot, app)
        await SCENARIOS[place](keyboard)
    assert keyboard.used == {action.id for action in ACTIONS if action.where == place}
