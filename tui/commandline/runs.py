"""``digits-tui runs``: the runs there are; their names, notes, marks and deletion; and what all takes on the disk."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui import formats
from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError
from tui.commandline.group import CommandGroup
from tui.commandline.output import echo_json, table

if TYPE_CHECKING:
    from engine.runs.summary import Summary

COLUMNS = ("name", "when", "state", "epochs", "accuracy", "preset", "device", "data set", "size", "mark", "note")
NOTE_WIDTH = 40
MOST_DAYS = 36_500
"""Further back there are no dates on some systems, and no runs on any."""
run = click.argument("run", metavar="RUN", shell_complete=candidates.runs)
several = click.argument("names", nargs=-1, required=True, metavar="RUN...", shell_complete=candidates.runs)


@click.group(cls=CommandGroup, invoke_without_command=True, short_help="List runs; name, note, mark and delete them.")
@options.runs_directory
@options.as_json
@click.pass_context
def runs(context: click.Context, runs_directory: Path | None, as_json: bool) -> None:
    """List the runs, the newest first, and what they take on the disk; name, note, mark and delete them.

    Without a command, they are listed. Their accuracy is that of the test digits; where these were not read yet, of the validation
    part, which is said. What they take are the sizes of their files.
    """
    if context.invoked_subcommand is not None:
        options.refuse_before_command(context)
        return
    from engine.runs.index import list_runs

    root = _root(runs_directory)
    found = list_runs(root)
    _list(found, f"There are no runs in {root}.", as_json)
    if not as_json and (use := _disk_use(root, found)):
        click.echo(use, err=True)


@runs.command()
@run
@click.argument("name")
@options.runs_directory
def rename(run: str, name: str, runs_directory: Path | None) -> None:
    """Give a run another name."""
    from engine.runs.moves import rename_run

    click.echo(f"Run: {rename_run(_find(run, runs_directory), name)}")


@runs.command()
@run
@click.argument("text", required=False)
@options.runs_directory
def note(run: str, text: str | None, runs_directory: Path | None) -> None:
    """Write a note about a run, or show the one there is.

    An empty TEXT takes it away.
    """
    from engine.runs.notes import read_note, write_note

    path = _find(run, runs_directory)
    if text is None:
        click.echo(read_note(path) or f"There is no note about {path.name}.")
    else:
        write_note(path, text)


@runs.command(short_help="Mark runs, to keep or to compare them.")
@several
@click.option("--off", is_flag=True, help="Take the mark away.")
@options.runs_directory
def mark(names: tuple[str, ...], off: bool, runs_directory: Path | None) -> None:
    """Mark runs, to keep them or to compare them in the dashboard."""
    from engine.runs.marks import set_mark

    for path in [_find(name, runs_directory) for name in names]:
        set_mark(path, not off)


@runs.command()
@several
@options.runs_directory
def delete(names: tuple[str, ...], runs_directory: Path | None) -> None:
    """Move runs to the trash, from where they can be restored."""
    from engine.runs.moves import delete_runs

    for path in delete_runs([_find(name, runs_directory) for name in names]):
        click.echo(f"In the trash: {path}")


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=candidates.trash)
@options.runs_directory
def restore(names: tuple[str, ...], runs_directory: Path | None) -> None:
    """Take runs, or sweeps, back from the trash."""
    from engine.runs.moves import restore_run
    from engine.sweep.moves import list_deleted_sweeps, restore_sweep

    root = _root(runs_directory)
    sweeps = {sweep.name: sweep for sweep in list_deleted_sweeps(root)}
    for name in names:
        if sweep := sweeps.pop(name, None):
            click.echo(f"Sweep: {restore_sweep(sweep)}")
        else:
            click.echo(f"Run: {restore_run(root, name)}")


@runs.command(short_help="List the runs in the trash, or delete them for good.")
@click.option("--empty", is_flag=True, help="Delete them for good.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@options.runs_directory
@options.as_json
def trash(empty: bool, yes: bool, runs_directory: Path | None, as_json: bool) -> None:
    """List the runs in the trash, or delete them for good, and the sweeps there with them."""
    from engine.runs.moves import empty_trash, list_trash
    from engine.sweep.moves import list_deleted_sweeps

    root = _root(runs_directory)
    found, sweeps = list_trash(root), list_deleted_sweeps(root)
    if not empty:
        _list(found, f"There are no runs in the trash of {root}.", as_json)
        if sweeps and not as_json:
            click.echo(f"Sweeps: {', '.join(sweep.name for sweep in sweeps)}")
        return
    what = " and ".join([formats.count(len(found), "run"), *([formats.count(len(sweeps), "sweep")] if sweeps else [])])
    if yes or _agreed("the trash is not emptied without a question", f"Delete {what} for good?"):
        empty_trash(root)
        click.echo(f"Deleted for good: {what}.")


class _Range(click.FloatRange):
    """Numbers alone: what is none is in every range."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        number: float = super().convert(value, parameter, context)
        if math.isnan(number):
            self.fail(f"{value!r} is not a valid float.", parameter, context)
        return number


@runs.command(short_help="Make room: delete what is not needed.")
@click.option("--older-than", type=_Range(0, MOST_DAYS), metavar="DAYS", help="Runs, and sweeps, begun or last added to before that.")
@click.option("--worse-than", type=_Range(0, 100), metavar="PERCENT", help="Runs with a lower accuracy, as they are listed.")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="All runs but the N best.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@options.runs_directory
@options.as_json
def prune(
    older_than: float | None,
    worse_than: float | None,
    keep: int | None,
    dry_run: bool,
    yes: bool,
    runs_directory: Path | None,
    as_json: bool,
) -> None:
    """Make room: delete the checkpoints that nothing goes on from, and move runs and sweeps to the trash.

    Without options only the checkpoints of finished runs go. Of several options about runs all have to be true of one; marked runs,
    and those that are being trained, stay. What is in the trash takes room until it is emptied.
    """
    from engine.runs import pruning

    root, now = _root(runs_directory), datetime.now().astimezone()
    removals: list[pruning.Removal] = []
    criteria = pruning.Criteria(older_than, None if worse_than is None else worse_than / 100, keep)
    if criteria != pruning.Criteria():
        removals = pruning.outdated_runs(root, criteria, now)
    if older_than is not None:
        removals += pruning.outdated_sweeps(root, older_than, now)
    going = {item.path for item in removals}
    removals = [*(item for item in pruning.needless_checkpoints(root) if item.path not in going), *removals]
    if as_json:
        echo_json([{"kind": item.kind, "path": str(item.path), "bytes": item.bytes} for item in removals])
    elif removals:
        click.echo(table([("what", "name", "size"), *((item.kind, item.name, formats.size(item.bytes)) for item in removals)]))
    else:
        click.echo(f"There is nothing to remove in {root}.")
    if not removals or dry_run:
        return
    goes = formats.size(sum(item.bytes for item in removals))
    if yes or _agreed("nothing is removed without a question", f"Remove {goes}?"):
        pruning.remove(removals)
        if not as_json:
            click.echo(f"Removed: {goes}. `digits-tui runs trash` shows what can be restored.")


def _agreed(what: str, question: str) -> bool:
    """Asks. Raises CommandLineError where there is nobody to answer."""
    if not _is_answered():
        raise CommandLineError(what, "Say --yes where nobody can answer.")
    return click.confirm(question)


def _is_answered() -> bool:
    """Whether there is somebody to answer a question."""
    return sys.stdin.isatty()


def _disk_use(root: Path, found: Sequence[Summary]) -> str:
    """What all of it takes, in words; empty where that is nothing."""
    from engine.runs.names import SWEEPS_DIRECTORY, TRASH
    from engine.storage.files import bytes_in

    runs = formats.count(len(found), "run")
    taken = {runs: sum(summary.bytes for summary in found), "sweeps": bytes_in(root / SWEEPS_DIRECTORY), "trash": bytes_in(root / TRASH)}
    return ", ".join(f"{name}: {formats.size(room)}" for name, room in taken.items() if room)


def _root(runs_directory: Path | None) -> Path:
    from engine.runs import names

    return names.runs_directory(runs_directory)


def _find(name: str, runs_directory: Path | None) -> Path:
    from engine.runs.index import find_run

    return find_run(name, _root(runs_directory))


def _list(found: Sequence[Summary], nothing: str, as_json: bool) -> None:
    if as_json:
        echo_json([summary.plain() for summary in found])
    else:
        click.echo(table([COLUMNS, *map(_row, found)]) if found else nothing)


def _accuracy(summary: Summary) -> str:
    """Over the test digits; over the validation part while they are not tested, which is said."""
    validated = summary.test_accuracy is None and summary.validation_accuracy is not None
    return formats.percent(summary.best_accuracy) + (" valid." if validated else "")


def _row(summary: Summary) -> tuple[str, ...]:
    note = " ".join(summary.note.split())
    return (
        summary.name,
        summary.when[:16].replace("T", " "),
        summary.state,
        str(summary.epochs),
        _accuracy(summary),
        summary.preset or formats.NOT_MEASURED,
        formats.device(summary.device) if summary.device.keys() >= {"name", "kind"} else formats.NOT_MEASURED,
        summary.dataset,
        formats.size(summary.bytes),
        "*" if summary.is_marked else "",
        note if len(note) <= NOTE_WIDTH else note[: NOTE_WIDTH - 1] + "…",
    )
