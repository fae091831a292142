"""What a person chooses for the dashboard: the device, the data set, the theme."""

from __future__ import annotations

from textual import work

from tui import messages
from tui.choices import absent_dataset, dataset_items, device_items, theme_items
from tui.client import Status
from tui.colours.themes import PURPOSES
from tui.parts.part import Part
from tui.parts.remembering import Remembering
from tui.screens.fetching import FetchingScreen
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt


class Choosing(Remembering, Part):
    """The part of the app that asks what to choose, and remembers it."""

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
        """Says so where there is no worker to choose for, or a run keeps the device and the data set."""
        if self.is_kept_by_run(f"choose another {what}"):
            return True
        is_gone = self.client.status in (Status.LOST, Status.BROKEN)
        if is_gone:
            self.tell_of_no_worker()
        return is_gone

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        if self._has_chosen:
            self.remember(device=self.client.device, dataset=self.client.dataset)

    @work
    async def action_choose_theme(self) -> None:
        items = theme_items(PURPOSES, self.available_themes)
        name = await self.push_screen_wait(Picker("Theme", items, self.theme))
        if name:
            self.theme = name
