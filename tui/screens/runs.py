"""All runs: found, compared, and tidied up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui.bindings import bindings
from tui.dashboard import dashboard
from tui.formats import count
from tui.item import Item
from tui.runs.columns import RESUMABLE
from tui.runs.comparison import LETTERS
from tui.runs.deeds import Deed, Moves, delete, mark, note, rename
from tui.runs.shelf import ShelfError
from tui.screens.picker import Picker
from tui.screens.prompt import Prompt
from tui.screens.run_browser import RunBrowser
from tui.screens.train import TrainScreen
from tui.wording import capitalised, in_one_line

if TYPE_CHECKING:
    from engine.runs.summary import Summary
    from tui.runs.view import RunView


class RunsScreen(RunBrowser):
    MODE = "runs"
    CSS_PATH = ["mode.tcss", "runs.tcss"]
    BINDINGS = bindings("runs")

    # What can be undone

    @work(group="deed")
    async def _do(self, make: Callable[[], Deed], marks: Sequence[str] = ()) -> None:
        """Says what was done, but of ``marks``, which are to be seen: the directories of the runs."""
        try:
            deed = await self._shelf.do(make)
        except ShelfError as error:
            self._warn(str(error))
        else:
            self._follow(deed.moves)
            if not marks:
                self.notify(f"{deed.title}; {dashboard(self).key('runs.undo')} takes it back.", markup=False)
        finally:
            for path in marks:
                self._marks.pop(path, None)
            self.look(measure=True)

    def _follow(self, moves: Moves) -> None:
        """The run in hand may be among those that were moved."""
        for before, now in moves:
            self.client.relocate(before, now)

    @work(group="deed")
    async def action_undo(self) -> None:
        try:
            deed, moves = await self._shelf.undo()
        except ShelfError as error:
            self._warn(str(error))
        else:
            self._follow(moves)
            self.notify(f"Taken back: {deed.title}.", markup=False)
        finally:
            self.look(measure=True)

    def action_mark(self) -> None:
        run = self._run
        if run is not None:
            self._mark([run], not run.is_marked)
            self.action_down()

    def action_unmark(self) -> None:
        self._mark(self._list.marked, False)

    def _mark(self, runs: list[Summary], is_marked: bool) -> None:
        """On screen at once, on the disk as soon as can be."""
        self._marks |= {run.path: is_marked for run in runs}
        self._list.replace(*map(self._as_marked, runs))
        self._do(partial(mark, [Path(run.path) for run in runs], is_marked), [run.path for run in runs])

    @work
    async def action_note(self) -> None:
        run = self._run
        if run is None:
            return
        text = await self.app.push_screen_wait(Prompt(f"Note about {in_one_line(run.name)}", in_one_line(run.note)))
        if text is not None and text != in_one_line(run.note):
            self._do(partial(note, Path(run.path), text))

    @work
    async def action_rename(self) -> None:
        run = self._run
        if run is None or self._is_held(run, "renamed"):
            return
        path = Path(run.path)
        name = await self.app.push_screen_wait(Prompt(f"Another name for {in_one_line(run.name)}", run.name, partial(_name_problem, path)))
        if name is not None and name != run.name:
            self._do(partial(rename, path, name))

    def action_delete(self) -> None:
        runs = self._chosen
        if runs and not any(self._is_held(run, "deleted") for run in runs):
            self._do(partial(delete, [Path(run.path) for run in runs]))

    def _is_held(self, run: Summary, what: str) -> bool:
        """Says so where the run is being trained."""
        is_ours = self._is_in_hand(run) and self.client.is_training
        if is_ours or run.state == "running":
            where = f"stop it in Train ({dashboard(self).key('train.stop')})" if is_ours else "stop it where it was begun"
            self._warn(f"{in_one_line(run.name)} is being trained, so it cannot be {what}: let it finish, or {where}.")
        return is_ours or run.state == "running"

    def _is_in_hand(self, run: Summary) -> bool:
        return self.client.run is not None and self.client.run.directory == Path(run.path)

    def _warn(self, text: str) -> None:
        self.notify(text, severity="warning", markup=False)

    # Elsewhere in the dashboard

    async def action_open_digits(self) -> None:
        await self._open("digits")

    async def action_open_statistics(self) -> None:
        await self._open("statistics")

    async def _open(self, mode: str) -> None:
        """Takes the run in hand, unless it is, and looks at its model."""
        run = self._run
        if run is None:
            return
        if not self._can_be_looked_at(run):
            if not run.best_epoch:
                self._warn(f"{in_one_line(run.name)} has no model{self._why_without_model(run)}")
                return
            if dashboard(self).is_kept_by_run("look at another"):
                return
            self._follow_dataset(run)
            dashboard(self).show_model(Path(run.path))
        await self.app.switch_mode(mode)

    def _why_without_model(self, run: Summary) -> str:
        if run.state == "running":
            return " yet: an epoch has to end first."
        how = f" {dashboard(self).key('runs.resume')} goes on with it." if run.state in RESUMABLE else ""
        return f": no epoch of it was finished.{how}"

    def _can_be_looked_at(self, run: Summary) -> bool:
        """Whether the run is in hand, with a model or soon with one."""
        in_hand = self.client.run
        return in_hand is not None and self._is_in_hand(run) and (self.client.is_training or in_hand.model is not None)

    def _follow_dataset(self, run: Summary) -> None:
        """Chooses the data set that the run was trained on, where that is another."""
        ready = self.client.ready
        if ready is not None and run.dataset and ready.dataset["fingerprint"] != run.dataset_fingerprint:
            self.client.configure(self.client.device, run.dataset_path or run.dataset)
            self.notify(f"The data set is {in_one_line(run.dataset)} now, as the run's.", markup=False)

    async def action_apply(self) -> None:
        """Puts the run's hyperparameters into the Train form, and goes there."""
        run = self._run
        if run is None:
            return
        from engine.runs.history import read_hyperparameters

        try:
            values = await self._shelf.run(partial(read_hyperparameters, Path(run.path)))
        except ShelfError as error:
            self._warn(str(error))
            return
        await self.app.switch_mode("train")
        if isinstance(self.app.screen, TrainScreen):
            self.app.screen.take(values, in_one_line(run.name))

    async def action_resume(self) -> None:
        """Goes on with the run, in Train."""
        run = self._run
        if run is None:
            return
        if run.state not in RESUMABLE:
            why = "is being trained" if run.state == "running" else f"is {run.state}"
            key = dashboard(self).key("runs.apply")
            self._warn(f"{in_one_line(run.name)} {why}, so there is nothing to go on with. {key} puts its hyperparameters into the form.")
        elif not self.client.is_alive:
            dashboard(self).tell_of_no_worker()
        elif not dashboard(self).is_kept_by_run("go on with another"):
            view = await self._stored([run])
            if view:
                self._follow_dataset(run)
                self.client.train(view[0].hyperparameters, view[0].preset, resume=view[0])
                await self.app.switch_mode("train")

    async def _stored(self, runs: list[Summary]) -> list[RunView]:
        """Runs with their epochs; none, and a word about it, where one cannot be read."""
        from tui.runs.opening import stored_run

        try:
            return await self._shelf.run(lambda: [stored_run(Path(run.path)) for run in runs])
        except ShelfError as error:
            self._warn(str(error))
            return []

    async def action_overlay(self) -> None:
        """The chosen runs in the charts of Train; where they are there already, no longer."""
        runs = self._at_most(self._chosen)
        if [Path(run.path) for run in runs] == [run.directory for run in self.client.overlaid]:
            self.client.overlay(())
            self.notify("The charts of Train show them no longer.")
        elif views := await self._stored(runs):
            self.client.overlay(tuple(views))
            key = dashboard(self).key("view.show_train")
            names = [
                f"{letter} {in_one_line(run.name)}{', in hand: in front' if self._is_in_hand(run) else ''}"
                for letter, run in zip(LETTERS, runs, strict=False)
            ]
            self.notify("\n".join(names), title=f"{count(len(views), 'run')} in the charts of Train ({key})", markup=False)

    async def action_copy(self) -> None:
        run = self._run
        views = await self._stored([run]) if run is not None else []
        if views:
            from tui.runs.reproduction import reproduction

            command, caveat = reproduction(views[0])
            self.app.copy_to_clipboard(command)
            self.notify("\n".join(filter(None, (command, caveat))), title="Command line of this run copied", markup=False)

    # The disk

    @work
    async def action_disk(self) -> None:
        """What all takes; restores runs, empties the trash, makes room."""
        from tui.runs.tidying import items, perform, question
        from tui.screens.notice import Notice

        try:
            choices = await self._shelf.run(partial(items, self._shelf.root))
            chosen = await self.app.push_screen_wait(Picker("Trash and disk", choices))
            if chosen is None:
                return
            asked = question(chosen)
            if asked and not await self.app.push_screen_wait(Notice(asked, "It cannot be undone.", choices=(Item("yes", "yes"),))):
                return
            self.notify(await self._shelf.run(partial(perform, self._shelf.root, chosen)), markup=False)
        except ShelfError as error:
            self._warn(str(error))
        self.look(measure=True)


def _name_problem(path: Path, name: str) -> str:
    """What is wrong with another name for a run, or an empty string."""
    from engine.runs.error import RunError
    from engine.runs.names import check_name, name_taken

    try:
        check_name(name)
        if name != path.name and path.with_name(name).exists():
            raise name_taken(path.with_name(name))
    except RunError as error:
        return f"{capitalised(error.message)}."
    return ""
