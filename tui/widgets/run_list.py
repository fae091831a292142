"""All runs, those that are looked for, and the one under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input, Static

from tui.dashboard import dashboard
from tui.jump_target import JumpTarget
from tui.runs.columns import COLUMNS, RESUMABLE
from tui.runs.filter import EXAMPLES, RunFilter, parse
from tui.runs.stored_hyperparameters import StoredHyperparameters
from tui.widgets.key_hints import key_hints
from tui.widgets.run_detail import RunDetail
from tui.widgets.run_table import RunTable

if TYPE_CHECKING:
    from engine.runs.summary import Summary


OFFERED = ("overlay", "apply", "note", "rename", "delete", "undo")
"""Actions that are named where there is room; before them, of a run that can be gone on with, that which does it."""


class FilterField(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "To the runs found"),
        Binding("escape", "screen.leave_field", "All runs"),
    ]


class RunList(Vertical):
    class Changed(Message):
        """Other runs are listed, or they are marked."""

    def __init__(self, hyperparameters: StoredHyperparameters) -> None:
        super().__init__(id="list")
        self.table = RunTable()
        self.runs: Sequence[Summary] | None = None
        """All of them; None before they are read."""
        self.disk = ""
        """What all takes, in words."""
        self.empty_note = ""
        """What to say where there are none."""
        self._hyperparameters = hyperparameters
        self._filter = RunFilter()
        self._input = FilterField(placeholder=EXAMPLES, compact=True)
        self._filter_line = Horizontal(id="filter")
        self._problem = Static("", classes="problem", markup=False)
        self._note = Static("", id="empty", markup=False)
        self._detail = RunDetail()

    def compose(self) -> ComposeResult:
        with self._filter_line:
            yield Static("/")
            yield self._input
        yield self._problem
        yield self.table
        yield self._note
        yield self._detail

    def on_mount(self) -> None:
        self._filter_line.display = self._problem.display = self._note.display = self._detail.display = False

    def show(self, runs: Sequence[Summary]) -> None:
        self.runs = runs
        self._choose()

    def replace(self, *changed: Summary) -> None:
        """Shows other summaries of some of the runs."""
        known = {run.path: run for run in changed}
        self.show([known.get(run.path, run) for run in self.runs or ()])

    @property
    def marked(self) -> list[Summary]:
        """Those of the listed runs, in their order."""
        return [run for run in self.table.runs if run.is_marked]

    # The filter

    def find(self) -> None:
        """Asks what to look for."""
        self._filter_line.display = True
        self._input.focus()

    @property
    def is_finding(self) -> bool:
        return self._input.has_focus

    @property
    def is_filtered(self) -> bool:
        return bool(self._input.value.strip())

    @on(DescendantFocus, "FilterField")
    @on(DescendantBlur, "FilterField")
    def _offer_keys(self) -> None:
        """Letters are typed while something is looked for."""
        self.write_border()

    def clear_filter(self) -> None:
        self._input.value = ""
        self._leave()

    def _leave(self) -> None:
        self.screen.set_focus(None)
        self._filter_line.display = self.is_filtered

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave()

    @on(Input.Changed)
    def _look_for(self, event: Input.Changed) -> None:
        event.stop()
        self._filter = parse(event.value)
        self._problem.update(self._filter.problem)
        self._problem.display = bool(self._filter.problem)
        self._choose()

    def _choose(self) -> None:
        if self.runs is None:
            return
        if self._filter.reads_hyperparameters:
            self._choose_by_hyperparameters(self._filter, self.runs)
        else:
            self._show(self._filter.matching(self.runs, self._hyperparameters.of))

    @work(exclusive=True, group="filter")
    async def _choose_by_hyperparameters(self, wanted: RunFilter, runs: Sequence[Summary]) -> None:
        """In a thread: there may be a file to read for each run."""
        self._show(await asyncio.to_thread(wanted.matching, runs, self._hyperparameters.of))

    # What is shown

    def _show(self, found: Sequence[Summary]) -> None:
        self.table.show(found)
        none = f"No run matches {self._input.value.strip()!r}." if self.runs else self.empty_note
        self._note.update(none)
        self._note.display = not found
        self.table.display = bool(found)
        self.show_cursor()
        self.post_message(self.Changed())

    def show_cursor(self) -> None:
        """Tells of the run under the cursor, and which keys it wants."""
        run = self.table.run
        self.write_border()
        self._detail.show(run, self._hyperparameters.of(run) if run is not None else {})

    def write_border(self) -> None:
        total, listed, marked = len(self.runs or ()), len(self.table.runs), len(self.marked)
        count = f"{total:,}" if listed == total else f"{listed:,} of {total:,}"
        self.border_title = f"Runs: {count}" + (f", {marked} marked" if marked else "")
        facts, run = Content(" · ".join(filter(None, (self.disk, f"by {self.table.order}")))), self.table.run
        wanted = ["resume"] if run is not None and run.state in RESUMABLE else []
        for names in ([*wanted, *OFFERED], wanted) if run is not None and not self.is_finding else ():
            offered = Content.assemble(self._keys(names), "   " if names else "", facts)
            if offered.cell_length <= self.size.width - 4:
                self.border_subtitle = offered
                return
        self.border_subtitle = facts

    def _keys(self, names: Sequence[str]) -> Content:
        return key_hints(*((dashboard(self).key(f"runs.{name}"), name) for name in names), gap="  ")

    @on(RunTable.Moved)
    def _follow(self, event: RunTable.Moved) -> None:
        event.stop()
        self.show_cursor()

    @on(RunTable.Headed)
    def _head(self, event: RunTable.Headed) -> None:
        event.stop()
        self.sort_by(event.column)

    def sort_by(self, column: int) -> None:
        """By another column; by the same one, the other way round. The next time it is so again."""
        self.table.sort_by(column)
        self._keep_order()

    def targets(self) -> list[JumpTarget]:
        """For jump mode: the headings, to order by, and the filter."""
        origin = self.table.region.offset
        heads = [JumpTarget(origin + Offset(begin, 0), partial(self.sort_by, column)) for column, begin in self.table.heads()]
        return [*(heads if self.table.display else []), JumpTarget(self.region.offset + Offset(1, 0), self.find)]

    def turn_round(self) -> None:
        self.table.sort_by(self.table.column)
        self._keep_order()

    def _keep_order(self) -> None:
        self.write_border()
        dashboard(self).arrange("runs.order", [COLUMNS[self.table.column].title, self.table.is_reversed])

    def recall_order(self) -> None:
        """As it was the last time."""
        titles = [column.title for column in COLUMNS]
        match dashboard(self).arrangement("runs.order", []):
            case [title, bool(is_reversed)] if title in titles:
                self.table.column, self.table.is_reversed = titles.index(title), is_reversed
