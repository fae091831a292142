"""Looking at runs: the list of all, and some side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult

from tui import messages
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.item import Item
from tui.jump_target import JumpTarget
from tui.runs.columns import COLUMNS
from tui.runs.comparison import FEWEST, MOST
from tui.runs.shelf import RunShelf, ShelfError
from tui.runs.stored_hyperparameters import StoredHyperparameters
from tui.screens.mode import ModeScreen
from tui.screens.picker import Picker
from tui.widgets.comparison_pane import ComparisonPane
from tui.widgets.line_table import LineTable
from tui.widgets.run_list import RunList

if TYPE_CHECKING:
    from engine.events import EpochEnded
    from engine.runs.summary import Summary

INTERVAL = 2.0
"""Seconds between two looks at the runs of other processes."""
ON_A_RUN = ("open_digits", "open_statistics", "apply", "resume", "note", "rename", "copy")
IN_THE_LIST = ("mark", "filter", "overlay", "delete", "unmark", "order", "order_before", "order_next", "turn_round")
IN_THE_COMPARISON = ("all_values", "zoom", "log_scale")


class RunBrowser(ModeScreen):
    """What does nothing to runs."""

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self._hyperparameters = StoredHyperparameters()
        self._list = RunList(self._hyperparameters)
        self._comparison = ComparisonPane()
        self._shelf: RunShelf
        self._marks: dict[str, bool] = {}
        """Marks that are on their way to the disk."""
        self._compared: list[str] = []
        """The directories of the runs side by side; none while the list is shown."""
        self._empty_note = ""
        self._is_reading = self._is_stale = self._measures = False

    def compose_body(self) -> ComposeResult:
        self._shelf = RunShelf(dashboard(self).options.runs_directory)
        yield self._list

    def on_mount(self) -> None:
        app = dashboard(self)
        self._empty_note = (
            f"There are no runs in {self._shelf.root} yet.\n\n"
            f"Press {app.key('view.show_train')}, then {app.key('train.run')}, to train a network: it appears here."
        )
        self._list.recall_order()
        self.set_interval(INTERVAL, self._look)

    # What there is

    def on_screen_resume(self) -> None:
        self.look(measure=True)

    def on_run_changed(self, message: messages.RunChanged) -> None:
        self._look()

    def on_epoch_finished(self, message: messages.EpochFinished) -> None:
        self._look()

    def _look(self) -> None:
        self.look(measure=False)

    def look(self, measure: bool) -> None:
        """Reads what has changed, unless another mode is shown."""
        if not self.is_current:
            return
        self._is_stale = True
        self._measures = self._measures or measure
        if not self._is_reading:
            self._read()

    @work(group="read")
    async def _read(self) -> None:
        """One at a time; of what changes meanwhile, the last."""
        self._is_reading = True
        try:
            while self._is_stale:
                self._is_stale = False
                runs = await self._shelf.read()
                self._list.empty_note = self._empty_note
                self._show([self._as_marked(run) for run in runs])
                if self._measures:
                    self._measures = False
                    self._list.disk = await self._shelf.disk(runs)
                    self._list.write_border()
        except ShelfError as error:
            self._list.empty_note = str(error)
            self._list.show([])
        finally:
            self._is_reading = False

    def _as_marked(self, run: Summary) -> Summary:
        is_marked = self._marks.get(run.path, run.is_marked)
        return run if is_marked == run.is_marked else run.model_copy(update={"is_marked": is_marked})

    def _show(self, runs: Sequence[Summary]) -> None:
        if runs == self._list.runs:
            return
        self._list.show(runs)
        self.refresh_bindings()
        if self._compared:
            self._show_comparison([run for path in self._compared for run in runs if run.path == path])

    @property
    def _run(self) -> Summary | None:
        """The one under the cursor."""
        return self._comparison.run if self._compared else self._list.table.run

    @property
    def _chosen(self) -> list[Summary]:
        """The marked runs; the one under the cursor where none is marked."""
        return self._list.marked or ([self._run] if self._run is not None else [])

    def _at_most(self, runs: list[Summary]) -> list[Summary]:
        """As many as can be told apart side by side; says so where there are more."""
        if len(runs) > MOST:
            self.notify(f"Only the first {MOST} of {len(runs)} marked runs are shown.")
        return runs[:MOST]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """True: it works; None: not now; False: not to be shown."""
        is_comparing, run = bool(self._compared), self._run
        if action in IN_THE_COMPARISON:
            return is_comparing
        if (action in IN_THE_LIST and is_comparing) or (action == "filter" and self._list.is_finding):
            return False
        if action == "undo":
            return True if self._shelf.can_undo else None
        if action == "unmark":
            return True if self._list.marked else None
        if action in (*ON_A_RUN, "mark", "delete", "compare", "overlay"):
            return True if run is not None else None
        return True

    def on_run_list_changed(self) -> None:
        self.refresh_bindings()

    # The cursor

    def action_up(self) -> None:
        self._move(lambda table: table.move(-1))

    def action_down(self) -> None:
        self._move(lambda table: table.move(1))

    def action_page_up(self) -> None:
        self._move(lambda table: table.move_page(-1))

    def action_page_down(self) -> None:
        self._move(lambda table: table.move_page(1))

    def action_first(self) -> None:
        self._move(lambda table: table.move_to_end(last=False))

    def action_last(self) -> None:
        self._move(lambda table: table.move_to_end(last=True))

    def action_left(self) -> None:
        self._go_across(-1)

    def action_right(self) -> None:
        self._go_across(1)

    def _go_across(self, by: int) -> None:
        if self._compared:
            self._comparison.choose(by)
        else:
            self._list.table.scroll_columns(by)

    def _move(self, go: Callable[[LineTable], None]) -> None:
        """What is told of the run under the cursor is drawn together with the cursor."""
        go(self._comparison.table if self._compared else self._list.table)
        if not self._compared:
            self._list.show_cursor()

    def jump_targets(self) -> list[JumpTarget]:
        """The headings of the table, to order by, and the filter."""
        return [] if self._compared else self._list.targets()

    # The list

    def action_filter(self) -> None:
        self._list.find()

    @work
    async def action_order(self) -> None:
        items = [Item(str(number), column.words) for number, column in enumerate(COLUMNS)]
        chosen = await self.app.push_screen_wait(Picker("Order by", items, str(self._list.table.column)))
        if chosen is not None:
            self._list.sort_by(int(chosen))

    def action_order_before(self) -> None:
        self._list.sort_by(self._list.table.column - 1)

    def action_order_next(self) -> None:
        self._list.sort_by(self._list.table.column + 1)

    def action_turn_round(self) -> None:
        self._list.turn_round()

    def action_leave_field(self) -> None:
        """Out of what is typed, of the comparison, of the filter: one after the other."""
        if self._compared and not self._list.is_finding:
            self._leave_comparison()
        elif self._list.is_finding or self._list.is_filtered:
            self._list.clear_filter()
        else:
            super().action_leave_field()

    # The comparison

    def action_compare(self) -> None:
        runs = self._chosen
        if self._compared:
            self._leave_comparison()
        elif len(runs) < FEWEST:
            key = dashboard(self).key("runs.mark")
            self.notify(f"Mark {FEWEST} to {MOST} runs first ({key}): they are shown side by side.", severity="warning", markup=False)
        else:
            runs = self._at_most(runs)
            self._compared = [run.path for run in runs]
            self._show_comparison(runs)

    def _leave_comparison(self) -> None:
        self._compared = []
        self.remove_class("-comparing")
        self.refresh_bindings()

    @work(exclusive=True, group="comparison")
    async def _show_comparison(self, runs: Sequence[Summary]) -> None:
        """Of runs of which some may be gone by now."""
        try:
            epochs = await self._shelf.run(partial(_epochs, [Path(run.path) for run in runs]))
        except ShelfError as error:
            self.notify(str(error), severity="warning", markup=False)
            self._leave_comparison()
            return
        if not self._compared:
            return
        if len(runs) < FEWEST:
            self._leave_comparison()
            return
        if not self._comparison.is_mounted:
            await self.mount(self._comparison, after=self._list)
        self._comparison.show(runs, [self._hyperparameters.of(run) for run in runs], epochs)
        self.add_class("-comparing")
        self.refresh_bindings()

    def action_all_values(self) -> None:
        self._comparison.toggle_all()

    def action_zoom(self) -> None:
        self._comparison.zoom()

    def action_log_scale(self) -> None:
        self._comparison.toggle_log_scale()


def _epochs(paths: Sequence[Path]) -> list[Sequence[EpochEnded]]:
    """Raises RunError and OSError."""
    from engine.runs.metrics import read_metrics

    return [read_metrics(path) for path in paths]
