"""The dashboard: modes, themes, and the keys that work anywhere. Holds no training state; the client does."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from textual import work
from textual.app import App, SystemCommand
from textual.screen import Screen

from tui import formats, messages
from tui.bindings import Action, bindings
from tui.client import Status, WorkerClient
from tui.commands import ActionProvider
from tui.options import Options
from tui.run_view import Phase
from tui.screens.help import HelpScreen
from tui.screens.notice import Notice
from tui.screens.picker import Item, Picker
from tui.screens.prompt import Prompt
from tui.screens.train import TrainScreen
from tui.themes import DARK, THEMES, defaults

SIGNALS = {"SIGTERM": 143, "SIGHUP": 129}
"""Exit codes of signals that end the dashboard in good order."""


class DigitsApp(App[None]):
    TITLE = "digits-tui"
    BINDINGS = bindings("anywhere")
    COMMANDS = {ActionProvider}
    DEFAULT_MODE = "train"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide"), (160, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (32, "-normal"), (50, "-tall")]

    def __init__(self, options: Options | None = None) -> None:
        super().__init__()
        self.options = options or Options()
        self.client = WorkerClient(self.options)
        self._quits_after_run = False
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        for mode in ("train", "digits", "statistics"):
            self.add_mode(mode, partial(self._make_screen, mode))

    def _make_screen(self, mode: str) -> Screen[None]:
        """Modes other than the first are imported when they are shown first: they need NumPy."""
        if mode == "train":
            return TrainScreen(self.client, self.options)
        if mode == "digits":
            from tui.screens.digits import DigitsScreen

            return DigitsScreen(self.client)
        from tui.screens.statistics import StatisticsScreen

        return StatisticsScreen(self.client)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return ()

    # Life and death

    def on_mount(self) -> None:
        self.client.subscribe(self)
        self._catch_signals()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.run_worker(self.client.live(), group="client")
        if self.options.open is not None:
            self._open(self.options.open)

    @work(group="import")
    async def _import_ahead(self) -> None:
        """So that the other modes come up without a hitch."""
        for mode in ("digits", "statistics"):
            await asyncio.to_thread(importlib.import_module, f"tui.screens.{mode}")

    @work
    async def _open(self, path: Path) -> None:
        """Takes a run that is over in hand; the worker evaluates it once it is ready."""
        from engine.checkpoint import ModelFileError
        from engine.runs import RunError
        from tui.opening import open_run

        try:
            run = await asyncio.to_thread(open_run, path)
        except (ModelFileError, RunError) as error:
            self.push_screen(Notice("This run cannot be opened", error.message, error.advice))
            return
        self.client.show(run)
        self._evaluate_opened()

    def _evaluate_opened(self) -> None:
        run = self.client.run
        if run is not None and run.phase is Phase.OPENED and run.model is not None and self.client.ready:
            self.client.evaluate(run.model)

    def _catch_signals(self) -> None:
        if sys.platform != "win32":
            for name, code in SIGNALS.items():
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), partial(self.exit, return_code=code))

    async def on_unmount(self) -> None:
        await self.client.shutdown()

    async def action_quit(self) -> None:
        if self.client.is_training:
            self._ask_before_quitting()
        else:
            self.exit()

    @work
    async def _ask_before_quitting(self) -> None:

        items = [
            Item("stop", "Finish this epoch, then leave", "The run ends in good order, evaluated and kept."),
            Item("abort", "Leave now", "Finished epochs are kept; the run can be gone on with."),
            Item("cancel", "Go on training"),
        ]
        choice = await self.push_screen_wait(Picker("A network is being trained", items))
        if choice == "stop":
            self._quits_after_run = True
            self.client.stop()
            self.notify("Leaving after this epoch.")
        elif choice == "abort":
            self.exit()

    async def action_quit_now(self) -> None:
        """As ``action_quit``; with its question, or any other dialogue, on screen it leaves at once."""
        if self.screen.is_modal:
            self.exit()
        else:
            await self.action_quit()

    # What the worker says

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        self._import_ahead()
        self._evaluate_opened()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        if self._quits_after_run and message.run.is_over:
            self.exit()

    def on_work_failed(self, message: messages.WorkFailed) -> None:

        failure = message.failure
        if failure.kind == "protocol":
            self.notify(failure.message, severity="warning", markup=False)
        else:
            is_a_fault = failure.kind == "internal"
            advice = f"{failure.advice} ({self.client.log.path})" if is_a_fault else failure.advice
            self.push_screen(Notice(f"Failed: {failure.kind}", failure.message, advice, self.client.log.tail() if is_a_fault else ""))

    def on_worker_lost(self, message: messages.WorkerLost) -> None:
        self._offer_restart(message)

    @work
    async def _offer_restart(self, loss: messages.WorkerLost) -> None:
        """Tells how the worker was lost, and starts another if that is wanted."""
        run = loss.interrupted
        resumable = run is not None and run.directory is not None
        choices = (Item("restart", "start it again"), *((Item("go on", "start it and go on with the run"),) if resumable else ()))
        advice = f"The dashboard goes on without it. Its log: {loss.log}"
        choice = await self.push_screen_wait(Notice("The worker is gone", loss.explanation, advice, loss.tail, choices))
        if choice and self.client.status is Status.LOST:
            self.run_worker(self.client.live(), group="client")
        if choice == "go on" and run is not None:
            self.client.train(run.hyperparameters, run.preset, resume=run)

    # Keys that work anywhere

    def action_show_train(self) -> None:
        self.switch_mode("train")

    def action_show_digits(self) -> None:
        self.switch_mode("digits")

    def action_show_statistics(self) -> None:
        self.switch_mode("statistics")

    def action_help(self) -> None:

        self.push_screen(HelpScreen())

    @work
    async def action_choose_theme(self) -> None:

        ours = [theme.name for theme in THEMES]
        names = [*ours, *sorted(name for name in self.available_themes if name not in ours)]
        name = await self.push_screen_wait(Picker("Theme", [Item(name, name) for name in names], self.theme))
        if name:
            self.theme = name

    def action_choose_device(self) -> None:
        if self._is_busy("device"):
            return
        if len(self.client.devices) > 1:
            self._offer_devices()
        else:
            self.notify("Looking for devices.")
            self.client.look_for_devices()

    def on_devices_found(self, message: messages.DevicesFound) -> None:
        self._offer_devices()

    @work
    async def _offer_devices(self) -> None:

        items = [
            Item("auto", "Automatic", "The best hardware adapter, or else the CPU."),
            *(_device_item(device) for device in self.client.devices),
        ]
        choice = await self.push_screen_wait(Picker("Device", items, self.client.device))
        if choice and not self._is_busy("device"):
            self.client.configure(choice, self.client.dataset)

    @work
    async def action_choose_dataset(self) -> None:
        from dataset.registry import REGISTERED

        if self._is_busy("data set"):
            return
        items = [Item(entry.name, entry.name, entry.summary) for entry in REGISTERED.values() if entry.is_available]
        choice = await self.push_screen_wait(
            Picker("Data set", [*items, Item("", "A directory", "Four IDX files, or two CSV files.")], self.client.dataset)
        )
        if choice == "":
            choice = await self.push_screen_wait(Prompt("Directory of the data set"))
        if choice and not self._is_busy("data set"):
            self.client.configure(self.client.device, choice)

    def _is_busy(self, what: str) -> bool:
        """Says so where a run keeps the device and the data set."""
        if self.client.is_training:
            self.notify(f"A network is being trained: let it finish, or stop it (s), before you choose another {what}.", severity="warning")
        elif not self.client.is_alive and self.client.status is Status.LOST:
            self.notify("There is no worker: press ctrl+r to start it again.", severity="warning")
        return self.client.is_training or self.client.status is Status.LOST

    def action_restart(self) -> None:
        if self.client.status is Status.LOST and self.client.loss is not None:
            self._offer_restart(self.client.loss)
        else:
            self.notify("The worker is running.")

    async def perform(self, action: Action) -> None:
        """Does an action of the table by its name, in the mode that it belongs to."""
        if action.where != "anywhere":
            await self.switch_mode(action.where)
            await self.run_action(action.method, self.screen)
        else:
            await self.run_action(action.method, self)


def _device_item(device: dict[str, Any]) -> Item:
    value = "cpu" if device["kind"] == "cpu" else str(device["index"])
    return Item(value, formats.device(device), f"{device['name']}, {device['driver']}" if device["driver"] else str(device["name"]))
