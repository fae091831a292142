"""The hyperparameters, the run in hand, its charts and its log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from dataset import DatasetError
from tui import messages
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.importing import imported
from tui.item import Item
from tui.runs.view import RunPhase, RunView
from tui.screens.mode import ModeScreen
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.widgets.charts_pane import ChartsPane
from tui.widgets.epoch_log import EpochLog
from tui.widgets.epoch_log import text as epoch_row
from tui.widgets.form_pane import FormPane
from tui.widgets.hint_line import HintLine
from tui.widgets.run_progress import RunProgress
from tui.wording import with_advice

if TYPE_CHECKING:
    from engine.events import Hint
    from engine.hyperparameters.definitions import Hyperparameters
    from tui.digits.gallery import Digits
    from tui.form.draft import Draft

LONGEST_SHOWN = 400
"""Characters of what was copied that the screen repeats."""


def train_screen(app: App[None]) -> TrainScreen | None:
    """That of an app, whichever mode is shown; None before it is made."""
    return next((screen for screen in app.get_screen_stack("train") if isinstance(screen, TrainScreen)), None)


class TrainScreen(ModeScreen):
    MODE = "train"
    CSS_PATH = ["mode.tcss", "train.tcss"]
    BINDINGS = bindings("train")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self._file = ""
        """The TOML file read or written last."""
        self._shown: RunView | None = None
        self._runs_when_furnished = False
        self._progress = RunProgress(client)
        self._hint_line = HintLine()
        self._form_pane = FormPane(client)
        self._charts = ChartsPane(client)
        self._epoch_log = EpochLog()

    def compose_body(self) -> ComposeResult:
        yield self._progress
        yield self._hint_line
        with Horizontal(id="panes"):
            yield self._form_pane
            with Vertical(id="results"):
                yield self._charts
                yield self._epoch_log

    def on_mount(self) -> None:
        self._show_pane("form")
        self.call_after_refresh(self._furnish)

    @work(group="furnish")
    async def _furnish(self) -> None:
        """Mounts what would delay the first paint, the form above all: it needs the hyperparameters' model."""
        await imported("tui.form.in_flight", "tui.widgets.hyperparameter_form", "tui.widgets.field_help", "tui.widgets.run_charts")
        options = dashboard(self).options
        self._file = str(options.config or "hyperparameters.toml")
        await self._form_pane.furnish(*options.beginning())
        await self._charts.furnish()
        if self.client.run is not None:
            self._show_run(self.client.run)
        if self._runs_when_furnished:
            self.action_run()

    # The form

    def on_form_pane_changed(self) -> None:
        from engine.hyperparameters.configuration import plain

        draft = self._form_pane.draft
        assert draft is not None
        if draft.values is not None:
            dashboard(self).remember(preset=draft.preset_name, hyperparameters=plain(draft.values), loaded=draft.is_loaded)
        self._progress.show_problem(draft.reason)
        self._show_hints()

    @property
    def draft(self) -> Draft | None:
        """None until the first paint is done."""
        return self._form_pane.draft

    @work
    async def action_choose_preset(self) -> None:
        from engine.presets import PRESETS
        from tui.form.files import Reading, kept_items

        items = [Item(preset.name, preset.name, preset.summary) for preset in PRESETS.values()]
        items += kept_items(dashboard(self).options.runs_directory)
        name = await self.app.push_screen_wait(Picker("Presets", items, self.draft.preset_name if self.draft else None))
        if name is None:
            return
        reading = Reading()
        if name in PRESETS:
            self._form_pane.begin(name)
            self._show_pane("form")
        elif problem := reading.problem(name):
            self.notify(problem, severity="error", markup=False)
        elif reading.values is not None:
            self.take(reading.values, name)

    def action_reset(self) -> None:
        self._form_pane.reset()
        self._show_pane("form")

    def action_undo(self) -> None:
        self._form_pane.undo()
        self._show_pane("form")

    def action_redo(self) -> None:
        self._form_pane.redo()
        self._show_pane("form")

    @work
    async def action_load(self) -> None:
        from tui.form.files import Reading

        assert self.draft is not None
        reading = Reading()
        path = await self.app.push_screen_wait(Prompt("Read hyperparameters from", self._file, reading.problem))
        if path is not None:
            self._file = path
            self._form_pane.begin(self.draft.preset_name, reading.values)
            self.notify(f"Read {path}.", markup=False)

    @work
    async def action_save(self) -> None:
        from tui.form.files import Writing

        assert self.draft is not None and self.draft.values is not None
        path = await self.app.push_screen_wait(Prompt("Write hyperparameters to", self._file, Writing(self.draft.values).problem))
        if path is not None:
            self._file = path
            self.notify(f"Written to {path}.", markup=False)

    def action_copy(self) -> None:
        """The form's command line, or, in the log, the row."""
        if self._epoch_log.has_focus:
            self._copy(self._epoch_log.row, "Row copied")
        elif self.draft is not None and self.draft.values is not None:
            self._copy(self.draft.command_line(self.client.device, self.client.dataset), "Command line of the form copied")

    def action_copy_run(self) -> None:
        """The command line of the run in hand, or, in the log, all of it."""
        from tui.runs.reproduction import reproduction

        run = self.client.run
        if self._epoch_log.has_focus:
            self._copy(self._epoch_log.all_rows, "Log copied")
        elif run is not None and run.started is not None:
            command, caveat = reproduction(run)
            self._copy(command, "Command line of this run copied", caveat)

    def _copy(self, text: str, title: str, caveat: str = "") -> None:
        if text:
            self.app.copy_to_clipboard(text)
            shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
            self.notify("\n".join(filter(None, (shown, caveat))), title=title, markup=False)

    def take(self, values: Hyperparameters, name: str) -> None:
        """Fills the form with values from elsewhere, which can be undone."""
        if self.draft is not None:
            self._form_pane.begin(self.draft.preset_name, values)
            self._show_pane("form")
            self.notify(f"The form has the hyperparameters of {name}; {dashboard(self).key('train.undo')} takes them back.", markup=False)

    def go_to(self, key: str) -> None:
        """Shows a field of the form, and gives it the focus."""
        if self.draft is not None:
            self._show_pane("form")
            self._form_pane.go_to(key)

    @work
    async def action_distortions(self) -> None:
        """Shows what augmentation makes of a digit, with the form's values."""
        from tui.digits.gallery import load_digits

        try:
            digits = await asyncio.to_thread(load_digits, self.client.dataset)
        except DatasetError as error:
            self.notify(with_advice(error), severity="error", markup=False)
        else:
            await self.show_distortions(digits)

    async def show_distortions(self, digits: Digits, index: int = 0) -> None:
        """Of one digit, and of the others from there."""
        from tui.screens.distortions import DistortionsScreen

        if self._form_pane.draft is not None:
            await self.app.push_screen_wait(DistortionsScreen(self._form_pane, digits, index))

    # The run

    def action_run(self) -> None:
        from engine.hyperparameters.configuration import plain

        if self.draft is None:
            self._runs_when_furnished = True
            return
        if self.draft.values is None:
            self._refuse_to_run(self.draft.reason)
            return
        if dashboard(self).sweeps.is_running:
            key = dashboard(self).key("view.show_sweep")
            self.notify(f"A sweep is going on too: each takes longer for it. {key} shows it.", severity="warning", markup=False)
        self.client.train(plain(self.draft.values), self.draft.preset_of_run)
        self._show_pane("results")

    def _refuse_to_run(self, reason: str) -> None:
        """Goes to the first field that is wrong."""
        self._show_pane("form")
        self._form_pane.go_to_problem()
        self.notify(reason, title="This cannot be run yet", severity="warning", markup=False)

    def action_pause(self) -> None:
        self.client.pause()

    def action_resume(self) -> None:
        run = self.client.run
        if run is not None and run.is_resumable:
            self.client.train(run.hyperparameters, run.preset, resume=run)
            self._show_pane("results")
        else:
            self.client.resume()

    def action_stop(self) -> None:
        self.client.stop()

    def action_abort(self) -> None:
        self.client.abort()

    @work
    async def action_fix(self) -> None:
        """Shows what the latest hint would change, and changes it."""
        from tui.screens.hint import HintPreview, previewed

        hint, draft = self._hint_line.latest, self.draft
        if hint is None or draft is None:
            return
        proposal = self._proposal(hint)
        answer = await self.app.push_screen_wait(HintPreview(hint, previewed(proposal, draft, self._form_pane.is_learning)))
        if answer is None:
            return
        self._hint_line.answered(hint)
        if answer == "apply":
            in_this_run = self._form_pane.change(proposal)
            self._show_pane("form")
            if not in_this_run:
                self.notify(f"The form has it for the next run; {dashboard(self).key('train.undo')} takes it back.", markup=False)
        self._show_hints()

    def _proposal(self, hint: Hint) -> dict[str, Any]:
        """What a hint about the run in hand would change in the form."""
        from tui.form.proposals import proposed

        return proposed(hint, self.draft, self.client.run) if self.draft is not None and self.client.run is not None else {}

    def _show_hints(self) -> None:
        self._hint_line.show(self.client.run, lambda hint: bool(self._proposal(hint)))
        self.refresh_bindings()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        run, before = message.run, self._shown
        has_changed = run.is_learning and len(run.changes) > (len(before.changes) if before else 0)
        if has_changed and not self._epoch_log.shows_newest:
            self.notify(f"{epoch_row(run.changes[-1])}.", title="Changed in flight", markup=False)
        self._show_run(run)
        self._form_pane.follow_run()
        self.refresh_bindings()

    def on_worker_changed(self) -> None:
        self.refresh_bindings()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self._show_run(message.run)

    def _show_run(self, run: RunView) -> None:
        self._shown = run
        self._epoch_log.show(run)
        self._show_hints()
        self._charts.show()

    def on_overlay_changed(self) -> None:
        self._charts.show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """True: it works; None: not now; False: not to be shown."""
        run, draft = self.client.run, self.draft
        training = self.client.is_training
        can_resume = run is not None and (run.phase is RunPhase.PAUSED or (run.is_resumable and self.client.is_alive))
        match action:
            case "run":
                return True if not training and self.client.is_alive else None
            case "pause":
                return False if can_resume else True if run and run.is_learning else None
            case "resume":
                return can_resume
            case "stop":
                return True if training and run and run.phase not in (RunPhase.STOPPING, RunPhase.ABORTING) else None
            case "abort":
                return True if training and run and run.phase is not RunPhase.ABORTING else None
            case "save":
                return True if draft and draft.values else None
            case "copy":
                return True if self._epoch_log.has_focus or (draft and draft.values) else None
            case "copy_run":
                return True if self._epoch_log.has_focus or (run and run.started) else None
            case "undo":
                return True if draft and draft.can_undo else None
            case "redo":
                return True if draft and draft.can_redo else None
            case "reset":
                return True if self._form_pane.can_reset else None
            case "fix":
                return self._hint_line.latest is not None
            case "cursor":
                return True if self._charts.has_epochs else None
            case "cursor_left" | "cursor_right":
                return self._charts.takes_cursor_keys
            case "load" | "choose_preset" | "distortions":
                return True if draft else None
            case "show_form" | "show_results":
                shown = "-form" if action == "show_form" else "-results"
                return self.has_class("-narrow") and not self.has_class(shown)
            case _:
                return True

    # Charts

    def action_zoom(self) -> None:
        self._show_pane("results")
        self._charts.zoom()

    def action_log_scale(self) -> None:
        self._show_pane("results")
        self._charts.toggle_log_scale()

    def action_cursor(self) -> None:
        self._show_pane("results")
        self._charts.toggle_cursor()
        self.refresh_bindings()

    def action_cursor_left(self) -> None:
        self._charts.move_cursor(-1)

    def action_cursor_right(self) -> None:
        self._charts.move_cursor(1)

    def action_leave_field(self) -> None:
        super().action_leave_field()
        if self._charts.has_cursor:
            self._charts.remove_cursor()
            self.refresh_bindings()

    # Panes

    def action_show_form(self) -> None:
        self._show_pane("form")

    def action_show_results(self) -> None:
        self._show_pane("results")

    def _show_pane(self, name: str) -> None:
        """Where there is no room for both panes, one of them."""
        self.set_class(name == "form", "-form")
        self.set_class(name == "results", "-results")
        self.refresh_bindings()

    def on_resize(self, event: Resize) -> None:
        self.refresh_bindings()
