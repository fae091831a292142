"""The hyperparameters, the run in hand, its charts and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from tui import messages
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.importing import imported
from tui.options import Options
from tui.run_view import Phase, RunView
from tui.screens.mode import ModeScreen
from tui.screens.picker import Item, Picker
from tui.screens.prompt import Prompt
from tui.widgets.epoch_log import EpochLog
from tui.widgets.epoch_log import text as epoch_row
from tui.widgets.hint_line import HintLine
from tui.widgets.run_progress import RunProgress

if TYPE_CHECKING:
    from engine.hyperparameters import Hyperparameters
    from tui.draft import Draft
    from tui.widgets.field_help import FieldHelp
    from tui.widgets.hyperparameter_form import HyperparameterForm
    from tui.widgets.run_charts import RunCharts

OPENED = ((50, ("network", "learning_rate", "training", "early_stopping")), (36, ("network", "training")), (0, ("network",)))
"""Rows, and the groups of hyperparameters that are open at first where there are as many."""
LONGEST_SHOWN = 400
"""Characters of what was copied that the screen repeats."""


class TrainScreen(ModeScreen):
    MODE = "train"
    CSS_PATH = ["mode.tcss", "train.tcss"]
    BINDINGS = bindings("train")

    def __init__(self, client: WorkerClient, options: Options) -> None:
        super().__init__(client)
        self._options = options
        self._file = str(options.config or "hyperparameters.toml")
        self._field: str | None = None
        self._shown: RunView | None = None
        self.draft: Draft | None = None
        """None until the first paint is done."""
        self._runs_when_furnished = False
        self._progress = RunProgress(client)
        self._hint_line = HintLine()
        self._epoch_log = EpochLog()
        self._form_pane, self._charts_pane = Vertical(id="form-pane"), Vertical(id="charts")
        self._form: HyperparameterForm | None = None
        self._help: FieldHelp | None = None
        self._charts: RunCharts | None = None

    def compose_body(self) -> ComposeResult:
        yield self._progress
        yield self._hint_line
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
        await imported("tui.widgets.hyperparameter_form", "tui.widgets.field_help", "tui.widgets.run_charts")
        from tui.draft import Draft
        from tui.widgets.field_help import FieldHelp
        from tui.widgets.hyperparameter_form import HyperparameterForm
        from tui.widgets.run_charts import RunCharts

        self.draft = Draft(*self._options.beginning())
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
        self._explain_again()

    def on_hyperparameter_form_focused(self, message: HyperparameterForm.Focused) -> None:
        self._field = message.key
        if self.draft is not None:
            self.draft.leave_field()
        self._explain(message.group, message.key)

    def on_hyperparameter_form_entered(self, message: HyperparameterForm.Entered) -> None:
        """Enter in a field changes the run in hand where that can be, and else goes on to the next field."""
        if not self._change_in_flight(message.key) and self._form is not None:
            self._form.action_move(1)

    def _change_in_flight(self, key: str) -> bool:
        """Tells the run in hand of the form's value of a live hyperparameter; False where there is nothing to tell."""
        from engine.hyperparameter_table import HYPERPARAMETERS

        run = self._in_flight
        if run is None or self.draft is None or key in self.draft.problems or not HYPERPARAMETERS[key].live:
            return False
        value = float(self.draft.entry(key))
        if value == run.value(key):
            return False
        self.client.change(key, value)
        return True

    @property
    def _in_flight(self) -> RunView | None:
        """The run in hand while it is trained."""
        run = self.client.run
        return run if run is not None and run.is_learning else None

    def _explain(self, group: str, key: str | None) -> None:
        if self._help is not None and self.draft is not None:
            self._help.show(self.draft, group, key, self._in_flight)

    def _explain_again(self) -> None:
        """Where what is to say of the field depends on the run."""
        if self._field is not None:
            self._explain(self._field.partition(".")[0], self._field)

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
        if self.draft is not None and self._field is not None and self.draft.is_changed(self._field):
            self.draft.reset(self._field)
            self._show_changes([self._field])

    def action_undo(self) -> None:
        if self.draft is not None:
            self._show_changes(self.draft.undo())

    def action_redo(self) -> None:
        if self.draft is not None:
            self._show_changes(self.draft.redo())

    def _show_changes(self, keys: list[str]) -> None:
        """Takes the form's values from the draft, and brings the first of those that changed in sight."""
        if self._form is None:
            return
        if keys:
            self._field = keys[0]
            self._show_pane("form")
        self._form.show()
        if keys:
            self._form.reveal(keys[0])

    @work
    async def action_load(self) -> None:
        from tui.hyperparameter_files import Reading

        assert self.draft is not None
        reading = Reading()
        path = await self.app.push_screen_wait(Prompt("Read hyperparameters from", self._file, reading.problem))
        if path is not None:
            self._file = path
            self._begin(self.draft.preset_name, reading.values)
            self.notify(f"Read {path}.", markup=False)

    @work
    async def action_save(self) -> None:
        from tui.hyperparameter_files import Writing

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
        from tui.reproduction import reproduction

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

    @work
    async def action_fix(self) -> None:
        """Shows what the latest hint would change, and changes it."""
        from tui.screens.hint import HintPreview, previewed

        hint, draft = self._hint_line.latest, self.draft
        if hint is None or draft is None:
            return
        answer = await self.app.push_screen_wait(HintPreview(hint, previewed(hint, draft, self._in_flight is not None)))
        if answer is None:
            return
        self._hint_line.answered(hint)
        if answer == "apply":
            draft.change(hint.changes)
            self._show_changes(list(hint.changes))
            told = [self._change_in_flight(key) for key in hint.changes]
            if not any(told):
                self.notify("The form has it for the next run; u takes it back.")
        self._show_hints()

    def _show_hints(self) -> None:
        self._hint_line.show(self.client.run)
        self.refresh_bindings()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        run, before = message.run, self._shown
        if run.changes and (before is None or run.changes != before.changes):
            self.notify(f"{epoch_row(run.changes[-1])}.", title="Changed in flight", markup=False)
        self._show_run(run)
        self._explain_again()
        self.refresh_bindings()

    def on_worker_changed(self) -> None:
        self._welcome()
        self.refresh_bindings()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self._show_run(message.run)

    def _show_run(self, run: RunView) -> None:
        self._shown = run
        self._epoch_log.show(run)
        self._show_hints()
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
                return True if draft and self._field and draft.is_changed(self._field) else None
            case "fix":
                return self._hint_line.latest is not None
            case "cursor":
                return True if self._charts and self._charts.has_epochs else None
            case "cursor_left" | "cursor_right":
                return self._charts is not None and (self._charts.cursor is not None or self._charts.has_focus)
            case "load" | "choose_preset":
                return True if draft else None
            case "switch":
                return not (self.has_class("-wide") or self.has_class("-broad"))
            case _:
                return True

    # Charts

    def action_zoom(self) -> None:
        if self._charts is not None:
            self._show_pane("results")
            self._charts.zoom()

    def action_log_scale(self) -> None:
        if self._charts is not None:
            self._show_pane("results")
            self._charts.toggle_log_scale()

    def action_cursor(self) -> None:
        if self._charts is not None:
            self._show_pane("results")
            self._charts.toggle_cursor()
            self._charts.focus()
            self.refresh_bindings()

    def action_cursor_left(self) -> None:
        self._move_cursor(-1)

    def action_cursor_right(self) -> None:
        self._move_cursor(1)

    def _move_cursor(self, by: int) -> None:
        if self._charts is not None:
            self._charts.move_cursor(by)

    def action_leave_field(self) -> None:
        super().action_leave_field()
        if self._charts is not None and self._charts.cursor is not None:
            self._charts.point_at(None)
            self.refresh_bindings()

    # Panes

    def action_switch(self) -> None:
        self._show_pane("results" if self.has_class("-form") else "form")

    def _show_pane(self, name: str) -> None:
        """Where there is no room for both panes, one of them."""
        self.set_class(name == "form", "-form")
        self.set_class(name == "results", "-results")

    def on_resize(self, event: Resize) -> None:
        self.refresh_bindings()
