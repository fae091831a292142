"""The hyperparameters, the run in hand, its charts and its log."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from tui import messages
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.options import Options
from tui.run_view import Phase, RunView
from tui.screens.mode import ModeScreen
from tui.screens.picker import Item, Picker
from tui.screens.prompt import Prompt
from tui.widgets.epoch_log import EpochLog
from tui.widgets.run_progress import RunProgress

if TYPE_CHECKING:
    from engine.hyperparameters import Hyperparameters
    from tui.draft import Draft
    from tui.widgets.field_help import FieldHelp
    from tui.widgets.hyperparameter_form import HyperparameterForm
    from tui.widgets.run_charts import RunCharts

OPENED = ((50, ("network", "learning_rate", "training", "early_stopping")), (36, ("network", "training")), (0, ("network",)))
"""Rows, and the groups of hyperparameters that are open at first where there are as many."""


class TrainScreen(ModeScreen):
    MODE = "train"
    CSS_PATH = ["mode.tcss", "train.tcss"]
    BINDINGS = bindings("train")

    def __init__(self, client: WorkerClient, options: Options) -> None:
        super().__init__(client)
        self._options = options
        self._file = str(options.config or "hyperparameters.toml")
        self._field: str | None = None
        self.draft: Draft | None = None
        """None until the first paint is done."""
        self._runs_when_furnished = False
        self._progress = RunProgress(client)
        self._epoch_log = EpochLog()
        self._form_pane, self._charts_pane = Vertical(id="form-pane"), Vertical(id="charts")
        self._form: HyperparameterForm | None = None
        self._help: FieldHelp | None = None
        self._charts: RunCharts | None = None

    def compose_body(self) -> ComposeResult:
        yield self._progress
        with Horizontal(id="panes"):
            yield self._form_pane
            with Vertical(id="results"):
                yield self._charts_pane
                yield self._epoch_log

    def on_mount(self) -> None:
        self._show_pane("form")
        self.call_after_refresh(self._furnish)

    @work(group="furnish")
    async def _furnish(self) -> None:
        """Mounts what would delay the first paint, the form above all: it needs the hyperparameters' model."""
        for module in ("tui.widgets.hyperparameter_form", "tui.widgets.field_help", "tui.widgets.run_charts"):
            await asyncio.to_thread(importlib.import_module, module)
        from tui.draft import Draft
        from tui.widgets.field_help import FieldHelp
        from tui.widgets.hyperparameter_form import HyperparameterForm
        from tui.widgets.run_charts import RunCharts

        self.draft = Draft(self._options.preset, self._options.hyperparameters)
        opened = next(groups for rows, groups in OPENED if self.size.height >= rows)
        self._form, self._help, self._charts = HyperparameterForm(self.draft, opened), FieldHelp(), RunCharts()
        await self._form_pane.mount(self._form, self._help)
        self._welcome()
        self._show_draft()
        await self._charts_pane.mount(self._charts)
        if self.client.run is not None:
            self._show_run(self.client.run)
        if self._runs_when_furnished:
            self.action_run()

    # The form

    def on_hyperparameter_form_changed(self) -> None:
        self._show_draft()
        if self._field is not None:
            self._explain(self._field.partition(".")[0], self._field)

    def on_hyperparameter_form_focused(self, message: HyperparameterForm.Focused) -> None:
        self._field = message.key
        self._explain(message.group, message.key)

    def _explain(self, group: str, key: str | None) -> None:
        if self._help is not None and self.draft is not None:
            self._help.show(self.draft, group, key)

    def _welcome(self) -> None:
        if self._help is not None and self._field is None:
            self._help.welcome(self.client.ready.note if self.client.ready else "")

    def _show_draft(self) -> None:
        assert self.draft is not None
        changed = len(self.draft.changed_keys)
        self._form_pane.border_title = f"Hyperparameters: {self.draft.preset_name}" + (f", {changed} changed" if changed else "")
        self._progress.show_problem(self.draft.reason)
        self.refresh_bindings()

    def _begin(self, preset: str, values: Hyperparameters | None = None) -> None:
        """Fills the form anew."""
        if self._form is not None and self.draft is not None:
            self.draft.begin(preset, values)
            self._form.show()

    @work
    async def action_choose_preset(self) -> None:
        from engine.presets import PRESETS

        items = [Item(preset.name, preset.name, preset.summary) for preset in PRESETS.values()]
        name = await self.app.push_screen_wait(Picker("Presets", items, self.draft.preset_name if self.draft else None))
        if name:
            self._begin(name)

    def action_reset(self) -> None:
        if self._form is not None and self.draft is not None and self._field is not None:
            self.draft.reset(self._field)
            self._form.show()

    @work
    async def action_load(self) -> None:
        from engine.configuration import HyperparameterError, read_toml

        assert self.draft is not None
        values: Hyperparameters | None = None

        def check(text: str) -> str:
            nonlocal values
            try:
                values = read_toml(Path(text).expanduser())
            except HyperparameterError as error:
                return str(error)
            return ""

        path = await self.app.push_screen_wait(Prompt("Read hyperparameters from", self._file, check))
        if path is not None:
            self._file = path
            self._begin(self.draft.preset_name, values)
            self.notify(f"Read {path}.")

    @work
    async def action_save(self) -> None:
        from engine.configuration import to_toml
        from engine.files import atomic_write

        assert self.draft is not None and self.draft.values is not None
        text = to_toml(self.draft.values)

        def check(path: str) -> str:
            try:
                atomic_write(Path(path).expanduser(), text)
            except OSError as error:
                return f"{path} cannot be written: {error.strerror}"
            return ""

        path = await self.app.push_screen_wait(Prompt("Write hyperparameters to", self._file, check))
        if path is not None:
            self._file = path
            self.notify(f"Written to {path}.")

    def action_copy(self) -> None:
        assert self.draft is not None
        command = self.draft.command_line(self.client.device, self.client.dataset)
        self.app.copy_to_clipboard(command)
        self.notify(command, title="Copied", markup=False)

    # The run

    def action_run(self) -> None:
        from engine.configuration import plain

        if self.draft is None:
            self._runs_when_furnished = True
            return
        assert self.draft.values is not None
        self.client.train(plain(self.draft.values), self.draft.preset_name)
        self._show_pane("results")

    def action_pause(self) -> None:
        self.client.pause()

    def action_resume(self) -> None:
        self.client.resume()

    def action_stop(self) -> None:
        self.client.stop()

    def action_abort(self) -> None:
        self.client.abort()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        self._show_run(message.run)
        self.refresh_bindings()

    def on_worker_changed(self) -> None:
        self._welcome()
        self.refresh_bindings()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self._show_run(message.run)

    def _show_run(self, run: RunView) -> None:
        self._epoch_log.show(run)
        if self._charts is not None:
            self._charts.show(run, self.client.earlier)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """True: it works; None: not now; False: not to be shown."""
        run, draft = self.client.run, self.draft
        training = self.client.is_training
        paused = run is not None and run.phase is Phase.PAUSED
        match action:
            case "run":
                return True if (draft is None or draft.values) and not training and self.client.is_alive else None
            case "pause":
                return False if paused else True if run and run.is_learning else None
            case "resume":
                return paused
            case "stop":
                return True if training and run and run.phase not in (Phase.STOPPING, Phase.ABORTING) else None
            case "abort":
                return True if training and run and run.phase is not Phase.ABORTING else None
            case "save" | "copy":
                return True if draft and draft.values else None
            case "load" | "choose_preset":
                return True if draft else None
            case "switch":
                return not (self.has_class("-wide") or self.has_class("-broad"))
            case _:
                return True

    # Panes

    def action_switch(self) -> None:
        self._show_pane("results" if self.has_class("-form") else "form")

    def _show_pane(self, name: str) -> None:
        """Where there is no room for both panes, one of them."""
        self.set_class(name == "form", "-form")
        self.set_class(name == "results", "-results")

    def on_resize(self, event: Resize) -> None:
        self.refresh_bindings()
