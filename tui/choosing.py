"""What a person chooses for the dashboard: the device, the data set, the theme."""

from __future__ import annotations

from textual import work

from tui import messages
from tui.choices import absent_dataset, dataset_items, device_items, theme_items
from tui.client import Status, WorkerClient
from tui.remembering import Remembering
from tui.screens.fetching import FetchingScreen
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.sweeping import Sweeping
from tui.themes import PURPOSES


class Choosing(Sweeping, Remembering):
    """The part of the app that asks what to choose, and remembers it."""

    client: WorkerClient
    _has_chosen = False
    """A device or a data set, which is remembered once it can be had."""

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
        choice = await self.push_screen_wait(Picker("Device", device_items(self.client.devices), self.client.device))
        if choice and not self._is_busy("device"):
            self._configure(choice, self.client.dataset)

    @work
    async def action_choose_dataset(self) -> None:
        if self._is_busy("data set"):
            return
        is_remote = self.client.files.is_remote
        choice = await self.push_screen_wait(Picker("Data set", dataset_items(is_remote), self.client.dataset))
        if choice == "":
            choice = await self.push_screen_wait(Prompt("Directory of the data set"))
        absent = absent_dataset(choice) if choice and not is_remote else None
        if absent is not None and not await self.push_screen_wait(FetchingScreen(absent)):
            return
        if choice and not self._is_busy("data set"):
            self._configure(self.client.device, choice)

    def _configure(self, device: str, dataset: str) -> None:
        self._has_chosen = True
        self.client.configure(device, dataset)

    def _is_busy(self, what: str) -> bool:
        """Says so where a run keeps the device and the data set."""
        if self.client.is_training:
            advice = f"let it finish, or stop it ({self.key('train.stop')}), before you choose another {what}"
            self.notify(f"A network is being trained: {advice}.", severity="warning", markup=False)
        elif self.client.status in (Status.LOST, Status.BROKEN):
            self.notify(f"There is no worker: press {self.key('worker.restart')} to start it again.", severity="warning", markup=False)
        return self.client.is_training or self.client.status in (Status.LOST, Status.BROKEN)

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        if self._has_chosen:
            self.remember(device=self.client.device, dataset=self.client.dataset)

    @work
    async def action_choose_theme(self) -> None:
        items = theme_items(PURPOSES, self.available_themes)
        name = await self.push_screen_wait(Picker("Theme", items, self.theme))
        if name:
            self.theme = name
