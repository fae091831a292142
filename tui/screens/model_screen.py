"""What the screens that look into a network have in common: they load the test digits and the newest model, in threads."""

from __future__ import annotations

import asyncio

from textual import work

from dataset import DatasetError
from engine.model import Model
from engine.storage.tensor_file import ModelFileError
from tui import messages
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.digits import gallery
from tui.digits.gallery import Digits
from tui.first_steps import count_runs, first_steps
from tui.screens.mode import ModeScreen
from tui.wording import with_advice


class ModelScreen(ModeScreen):
    """Loads nothing while another mode is shown."""

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self.digits: Digits | None = None
        self.model: Model | None = None
        self.run_directory = ""
        """The run that ``model`` is of."""
        self.problem = ""
        """Why there are no digits, or no model; or what is going on."""
        self.is_closing = False
        self._dataset = ""
        """What ``digits`` were loaded from."""
        self.is_stale = True
        """Whether there is a newer model than ``model``."""
        self._is_loading = False
        self._run_count = 0
        """Runs that could be opened."""

    def on_unmount(self) -> None:
        self.is_closing = True

    def on_screen_resume(self) -> None:
        self.catch_up()
        if self.model is None:
            self._count_runs()

    @work(group="count")
    async def _count_runs(self) -> None:
        self._run_count = await asyncio.to_thread(count_runs, dashboard(self).options.runs_directory)
        if self.is_current:
            self.show()

    @property
    def first_steps(self) -> str:
        """How there will be something to see, in a sentence."""
        return "The first epoch brings one." if self.client.is_training else first_steps(dashboard(self), self._run_count)

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        self.catch_up()

    def on_model_changed(self, message: messages.ModelChanged) -> None:
        self.is_stale = True
        self.catch_up()

    def show(self) -> None:
        """Draws what there is."""
        raise NotImplementedError

    def take_digits(self, digits: Digits | None) -> None:
        """Makes these the digits to look at; lets go what was found with those before."""
        self.digits, self.model = digits, None

    def take(self, model: Model, run_directory: str) -> None:
        """Makes this the model to look with."""
        self.model, self.run_directory, self.problem = model, run_directory, ""

    async def study(self, model: Model, digits: Digits) -> None:
        """Looks at the digits with a new model, in a thread, as long as the screen is there."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """Draws what there is, and loads what has changed."""
        if self.is_current:
            self.show()
            if not self._is_loading:
                self._is_loading = True
                self._load()

    @work(group="load")
    async def _load(self) -> None:
        """One at a time, so that every model that is begun with is gone through to the end; then the newest."""
        try:
            while not self.is_closing:
                if self._dataset != self.client.dataset:
                    await self._load_digits(self.client.dataset)
                elif self.is_stale and self.digits is not None:
                    self.is_stale = False
                    await self._load_model(self.digits)
                else:
                    break
        finally:
            self._is_loading = False
        if not self.is_closing:
            self.show()

    async def _load_digits(self, name: str) -> None:
        self._dataset, self.is_stale, self.problem = name, True, "Loading the test digits."
        self.take_digits(None)
        self.show()
        try:
            self.take_digits(await asyncio.to_thread(gallery.load_digits, name))
        except DatasetError as error:
            self.problem = with_advice(error)
        else:
            self.problem = ""

    async def _load_model(self, digits: Digits) -> None:
        run = self.client.run
        if run is None or run.model is None:
            return
        try:
            model = await asyncio.to_thread(gallery.open_model, run.model, digits)
        except ModelFileError as error:
            self.problem = with_advice(error)
            return
        self.take(model, str(run.directory))
        self.show()
        await self.study(model, digits)
