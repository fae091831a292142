"""The sweep screen of a dashboard whose sweeps are scripted."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.support import (
    SCRIPTED_COORDINATOR,
    furnished,
    make_app,
    screen_text,
    scripted,
    wait_for,
)
from tui.app import DigitsApp
from tui.screens.sweep import SweepScreen
from tui.sweep.view import SweepPhase
from tui.widgets.sweep_form import SweepForm


def sweep_app(root: Path, *arguments: str) -> DigitsApp:
    """A dashboard whose sweeps are scripted; ``arguments`` are the script's."""
    return make_app(coordinator=scripted(SCRIPTED_COORDINATOR, *arguments), runs_directory=root)


async def sweep_screen(pilot: Pilot[None], app: DigitsApp) -> SweepScreen:
    await furnished(pilot, app)
    await pilot.press("4")
    await wait_for(pilot, lambda: "ready to search" in screen_text(app), "the form is ready")
    return cast(SweepScreen, app.screen)


async def type_in(pilot: Pilot[None], screen: SweepScreen, key: str, text: str) -> None:
    field = next(field for field in screen.query_one(SweepForm).query(Input) if field.name == key)
    field.focus()
    field.clear()
    await pilot.press(*text)


async def searched(pilot: Pilot[None], app: DigitsApp, phase: SweepPhase) -> SweepScreen:
    """The screen of a sweep called ``found``, in a phase."""
    screen = await sweep_screen(pilot, app)
    await type_in(pilot, screen, "name", "found")
    await type_in(pilot, screen, "trials", "12")
    await pilot.press("escape", "r")
    await wait_for(pilot, lambda: app.sweeps.sweep and app.sweeps.sweep.phase is phase, f"it is {phase}")
    await pilot.pause()
    return screen


def shown(app: DigitsApp, text: str) -> bool:
    return text in screen_text(app)


async def held(pilot: Pilot[None], app: DigitsApp, trial: int) -> SweepScreen:
    """The screen of a sweep that waits in a trial."""
    screen = await searched(pilot, app, SweepPhase.SEARCHING)
    await wait_for(pilot, lambda: app.sweeps.sweep and trial in app.sweeps.sweep.rows, "the trial has begun")
    await wait_for(pilot, lambda: f"trial {trial}, epoch" in screen_text(app), "its worker is shown")
    return screen
