"""Automatic hyperparameter optimisation: what is to be searched, the search, and what it has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize

from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.names import runs_directory, study_path
from engine.sweep.request import Request
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.form.draft import Draft, command_line
from tui.item import Item
from tui.processes.command import worker_command
from tui.screens.mode import ModeScreen
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.screens.train import TrainScreen, train_screen
from tui.sweep.choices import Budget, going_on, sweep_items
from tui.sweep.client import SweepClient
from tui.sweep.draft import SweepDraft
from tui.sweep.plan import plan
from tui.sweep.view import SweepPhase, SweepView
from tui.widgets.sections import Sections
from tui.widgets.sweep_form import SweepForm
from tui.widgets.sweep_progress import SweepProgress
from tui.widgets.sweep_results import SweepResults
from tui.widgets.trial_table import TrialTable

FRAMES_A_SECOND = 5
WIDE, HIGH = 100, 36
"""Columns from which on there is room for panes beside one another, and rows from which on for all of them."""
MOVES = ("sort_before", "sort_next", "reverse", "up", "down", "page_up", "page_down", "first", "last", "best")
"""Actions that lead from trial to trial."""


class SweepScreen(ModeScreen):
    MODE = "sweep"
    CSS_PATH = ["mode.tcss", "sweep.tcss"]
    BINDINGS = bindings("sweep")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self._progress = SweepProgress()
        self._draft: SweepDraft
        self._form: SweepForm
        self._plan = Sections()
        self._results = SweepResults()
        self._is_setting_up = True

    def compose_body(self) -> ComposeResult:
        entries = dashboard(self).arrangement("sweep.form", {})
        self._draft = SweepDraft(self._exists, entries if isinstance(entries, Mapping) else {})
        self._form = SweepForm(self._draft)
        yield self._progress
        with Horizontal(id="setup"):
            yield self._form
            with VerticalScroll(id="plan", can_focus=False) as box:
                box.border_title = "What it will do"
                yield self._plan
        yield self._results

    def on_mount(self) -> None:
        self.sweeps.subscribe(self)
        self.set_interval(1 / FRAMES_A_SECOND, self._tick)
        self._show_side(setup=self.sweeps.sweep is None)

    def on_unmount(self) -> None:
        self.sweeps.unsubscribe(self)

    @property
    def sweeps(self) -> SweepClient:
        return dashboard(self).sweeps

    @property
    def sweep(self) -> SweepView | None:
        return self.sweeps.sweep

    @property
    def _form_of_train(self) -> Draft | None:
        """The Train screen's draft, which the trials have in common."""
        train = train_screen(self.app)
        return train.draft if train is not None else None

    @property
    def _root(self) -> Path:
        return runs_directory(dashboard(self).options.runs_directory)

    def _exists(self, name: str) -> bool:
        return study_path(self._root, name).exists()

    # What is shown

    def on_screen_resume(self) -> None:
        self._tick()

    def _tick(self) -> None:
        """Looks at what has changed; nothing while another mode is shown."""
        if not self.is_current:
            return
        form = self._form_of_train
        if form is not None and form.values is not self._draft.base:
            self._draft.begin_from(form.values)
            self._form.mark()
            self._show_plan()
        if self.sweep is not None and not self._is_setting_up:
            self._results.follow(self.sweep)

    def on_worker_ready(self) -> None:
        self._show_plan()

    def on_worker_changed(self) -> None:
        self.refresh_bindings()

    def on_sweep_form_changed(self) -> None:
        self._show_plan()
        entries = self._draft.to_remember
        if entries is not None:
            dashboard(self).arrange("sweep.form", entries)

    def _show_plan(self) -> None:
        form = self._form_of_train
        if form is not None:
            changed = len(form.changed_keys)
            base = f"{form.preset_name}{f', {changed} changed' if changed else ''}"
            self._plan.show(plan(self._draft, base, self.client.ready, self.client.dataset))
        self._show_progress()
        self.refresh_bindings()

    def _show_progress(self) -> None:
        self._progress.show(self.sweep, self._draft if self._is_setting_up else None)

    def on_sweep_changed(self) -> None:
        sweep = self.sweep
        if sweep is not None and sweep.phase in (SweepPhase.STARTING, SweepPhase.OPENING):
            self._show_side(setup=False)
        if sweep is not None and sweep.winner is not None and sweep.is_over:
            self._results.table.point_at(sweep.winner)
        self._show_progress()
        self._tick()
        self.refresh_bindings()

    def _show_side(self, *, setup: bool) -> None:
        self._is_setting_up = setup
        self.set_class(setup, "-setup")
        self.set_class(not setup, "-results")
        if not setup:
            self.set_focus(None)
        self._show_progress()
        self._tick()
        self.refresh_bindings()

    def on_resize(self, event: Resize) -> None:
        self._results.lay_out(event.size.width >= WIDE, event.size.height >= HIGH)
        self.refresh_bindings()

    @on(TrialTable.Moved)
    def _show_trial(self) -> None:
        self._results.show_trial()
        self.refresh_bindings()

    @on(TrialTable.Headed)
    def _sort(self, message: TrialTable.Headed) -> None:
        self._sort_by(message.column)

    # The search

    def action_run(self) -> None:
        request = self._draft.request
        if request is None:
            self._form.go_to_problem()
            self.notify(self._draft.reason, title="This cannot be searched yet", severity="warning", markup=False)
            return
        self._begin(self._complete(replace(request, dataset=self.client.dataset)))
        self._draft.set("name", "")
        self._form.show("name")

    def _complete(self, request: Request) -> Request:
        """With what the dashboard knows."""
        options = dashboard(self).options
        root = str(options.runs_directory) if options.runs_directory else None
        worker = worker_command(options.worker) if options.worker and request.cluster is None else None
        return replace(request, device=self.client.device, runs_directory=root, worker=worker)

    def _begin(self, request: Request) -> None:
        if self.client.is_training:
            self.notify("A network is being trained too: each takes longer for it.", severity="warning")
        self.app.run_worker(self.sweeps.run(request), group="sweep")

    def action_pause(self) -> None:
        self.sweeps.pause()

    def action_resume(self) -> None:
        self.sweeps.resume()

    @work
    async def action_stop(self) -> None:
        items = [
            Item("stop", "Stop now", "What is finished is kept. Trials that are going on begin anew when the sweep goes on."),
            Item("cancel", "Go on searching"),
        ]
        if await self.app.push_screen_wait(Picker("Stop the sweep?", items)) == "stop":
            self.sweeps.stop()

    @work
    async def action_open(self) -> None:
        items = sweep_items(self._root)
        if not items:
            self.notify(f"There is no sweep in {self._root} yet: {dashboard(self).key('sweep.run')} begins one.", markup=False)
            return
        choice = await self.app.push_screen_wait(Picker("Earlier sweeps", items))
        if choice and not self.sweeps.is_busy:
            self.app.run_worker(self.sweeps.open(Path(choice)), group="sweep")

    @work
    async def action_go_on(self) -> None:
        """Asks for the budget, and takes the rest from the sweep, and how it is trained from the form."""
        sweep = self.sweep
        assert sweep is not None
        budget = Budget(sweep)
        if await self.app.push_screen_wait(Prompt(budget.title, budget.suggestion, budget.problem)) is None or self.sweeps.is_busy:
            return
        request = going_on(self._draft.request or Request(), sweep.name)
        self._begin(self._complete(replace(request, trials=budget.trials, minutes=budget.minutes)))

    # What it has found

    def _chosen(self) -> tuple[int, Hyperparameters] | None:
        """The trial under the cursor, and all its hyperparameters; says so where they do not go together."""
        sweep, trial = self.sweep, self._results.table.trial
        assert sweep is not None and trial is not None
        try:
            return trial, sweep.hyperparameters(trial)
        except HyperparameterError as error:
            self.notify(str(error), severity="error", markup=False)
            return None

    @work
    async def action_apply(self) -> None:
        """Puts the trial's hyperparameters into the Train form, and goes there."""
        if (chosen := self._chosen()) is None or self.sweep is None:
            return
        trial, values = chosen
        await self.app.switch_mode("train")
        if isinstance(self.app.screen, TrainScreen):
            self.app.screen.take(values, f"trial {trial} of {self.sweep.name}")

    @work
    async def action_save(self) -> None:
        """Writes the trial's hyperparameters to a file, beside the winner's if nothing else is wanted."""
        from tui.form.files import Writing

        if (chosen := self._chosen()) is None or self.sweep is None or self.sweep.started is None:
            return
        trial, values = chosen
        name = str(Path(self.sweep.started.directory) / f"trial-{trial}.toml")
        path = await self.app.push_screen_wait(Prompt("Keep the hyperparameters as", name, Writing(values).problem))
        if path is not None:
            self.notify(f"Written to {path}: the presets of the Train form have it.", markup=False)

    @work
    async def action_open_trial(self) -> None:
        """Shows the trial's model in the statistics."""
        sweep, trial = self.sweep, self._results.table.trial
        model = sweep.model(trial) if sweep is not None and trial is not None else None
        if model is None:
            self.notify("The model of this trial was not kept: only those of the best are.", severity="warning")
        elif not dashboard(self).is_kept_by_run("look at another"):
            dashboard(self).show_model(model)
            await self.app.switch_mode("statistics")

    def action_copy(self) -> None:
        """The command line of the sweep that is entered, or of the trial under the cursor."""
        form = self._form_of_train
        if form is None:
            return
        if self._is_setting_up:
            assert self._draft.request is not None
            given = self._complete(replace(self._draft.request, dataset=self.client.dataset))
            text = self._draft.command_line(given, form.preset_name)
        elif (chosen := self._chosen()) is not None:
            text = command_line(chosen[1], form.preset_name, self.client.device, self.client.dataset)
        else:
            return
        self.app.copy_to_clipboard(text)
        self.notify(text, title="Command line copied", markup=False)

    # The table

    def _sort_by(self, column: int) -> None:
        self._results.table.sort_by(column)
        if self.sweep is not None:
            self._results.show_heading(self.sweep)

    def action_sort_before(self) -> None:
        self._sort_by(self._results.table.column - 1)

    def action_sort_next(self) -> None:
        self._sort_by(self._results.table.column + 1)

    def action_reverse(self) -> None:
        self._sort_by(self._results.table.column)

    def action_up(self) -> None:
        self._results.table.move(-1)

    def action_down(self) -> None:
        self._results.table.move(1)

    def action_page_up(self) -> None:
        self._results.table.move_page(-1)

    def action_page_down(self) -> None:
        self._results.table.move_page(1)

    def action_first(self) -> None:
        self._results.table.move_to_end(False)

    def action_last(self) -> None:
        self._results.table.move_to_end(True)

    def action_best(self) -> None:
        sweep = self.sweep
        best = None if sweep is None else sweep.winner if sweep.winner is not None else sweep.best
        if best is not None:
            self._results.table.point_at(best)

    # Sides and views

    def action_show_setup(self) -> None:
        self._show_side(setup=True)

    def action_show_results(self) -> None:
        self._show_side(setup=False)

    def action_zoom(self) -> None:
        self._show_side(setup=False)
        self._results.zoom()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """True: it works; None: not now; False: not to be shown."""
        sweep, sweeps = self.sweep, self.sweeps
        is_shown = sweep is not None and not self._is_setting_up
        match action:
            case "run":
                return self._is_setting_up and (None if sweeps.is_busy else True)
            case "pause" | "resume":
                can = sweep is not None and sweep.phase in (SweepPhase.SEARCHING, SweepPhase.SEEDS)
                return can and sweep is not None and sweeps.is_running and sweep.is_paused == (action == "resume")
            case "stop":
                return sweeps.is_running and sweep is not None and sweep.phase is not SweepPhase.STOPPING
            case "open":
                return True if not sweeps.is_busy else None
            case "go_on":
                return is_shown and sweep is not None and sweep.is_over and sweep.started is not None
            case "show_setup":
                return not self._is_setting_up
            case "show_results":
                return self._is_setting_up and sweep is not None
            case "zoom":
                return sweep is not None
            case "copy":
                return True if (self._draft.request if self._is_setting_up else sweep and sweep.rows) else None
            case "apply" | "save" | "open_trial":
                return is_shown and sweep is not None and bool(sweep.rows)
            case name if name in MOVES:
                return is_shown and sweep is not None and bool(sweep.rows) and self._results.shows_cursor
            case _:
                return True
