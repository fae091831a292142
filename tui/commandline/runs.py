"""``digits-tui runs``: the runs there are; their names, notes and deletion."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError
from tui.commandline.output import echo_json, table

if TYPE_CHECKING:
    from engine.runs import Summary

COLUMNS = ("name", "when", "state", "epochs", "accuracy", "preset", "device", "data set", "note")
NOTE_WIDTH = 40
run = click.argument("run", metavar="RUN", shell_complete=candidates.runs)


@click.group(invoke_without_command=True)
@options.runs_directory
@options.as_json
@click.pass_context
def runs(context: click.Context, runs_directory: Path | None, as_json: bool) -> None:
    """List the runs, the newest first; name, note and delete them.

    Without a command, they are listed.
    """
    if context.invoked_subcommand is not None:
        options.refuse_before_command(context)
        return
    from engine.runs import list_runs

    root = _root(runs_directory)
    _list(list_runs(root), f"There are no runs in {root}.", as_json)


@runs.command()
@run
@click.argument("name")
@options.runs_directory
def rename(run: str, name: str, runs_directory: Path | None) -> None:
    """Give a run another name."""
    from engine.run_moves import rename_run

    click.echo(f"Run: {rename_run(_find(run, runs_directory), name)}")


@runs.command()
@run
@click.argument("text", required=False)
@options.runs_directory
def note(run: str, text: str | None, runs_directory: Path | None) -> None:
    """Write a note about a run, or show the one there is.

    An empty TEXT takes it away.
    """
    from engine.notes import read_note, write_note

    path = _find(run, runs_directory)
    if text is None:
        click.echo(read_note(path) or f"There is no note about {path.name}.")
    else:
        write_note(path, text)


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="RUN...", shell_complete=candidates.runs)
@options.runs_directory
def delete(names: tuple[str, ...], runs_directory: Path | None) -> None:
    """Move runs to the trash, from where they can be restored."""
    from engine.run_moves import delete_runs

    for path in delete_runs([_find(name, runs_directory) for name in names]):
        click.echo(f"In the trash: {path}")


@runs.command()
@click.argument("name")
@options.runs_directory
def restore(name: str, runs_directory: Path | None) -> None:
    """Take a run back from the trash."""
    from engine.run_moves import restore_run

    click.echo(f"Run: {restore_run(_root(runs_directory), name)}")


@runs.command()
@click.option("--empty", is_flag=True, help="Delete them for good.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@options.runs_directory
@options.as_json
def trash(empty: bool, yes: bool, runs_directory: Path | None, as_json: bool) -> None:
    """List the runs in the trash, or delete them for good."""
    from engine.run_moves import empty_trash, list_trash

    root = _root(runs_directory)
    found = list_trash(root)
    if not empty:
        _list(found, f"There are no runs in the trash of {root}.", as_json)
        return
    if not yes:
        if not _is_answered():
            raise CommandLineError("the trash is not emptied without a question", "Say --yes where nobody can answer.")
        if not click.confirm(f"Delete {_count(found)} for good?"):
            return
    empty_trash(root)
    click.echo(f"Deleted for good: {_count(found)}.")


def _is_answered() -> bool:
    """Whether there is somebody to answer a question."""
    return sys.stdin.isatty()


def _count(found: Sequence[Summary]) -> str:
    return f"{len(found)} run{'' if len(found) == 1 else 's'}"


def _root(runs_directory: Path | None) -> Path:
    from engine import runs as engine_runs

    return engine_runs.runs_directory(str(runs_directory) if runs_directory else None)


def _find(name: str, runs_directory: Path | None) -> Path:
    from engine.runs import find_run

    return find_run(name, _root(runs_directory))


def _list(found: Sequence[Summary], nothing: str, as_json: bool) -> None:
    if as_json:
        echo_json([summary.plain() for summary in found])
    else:
        click.echo(table([COLUMNS, *map(_row, found)]) if found else nothing)


def _row(summary: Summary) -> tuple[str, ...]:
    from tui import formats

    note = " ".join(summary.note.split())
    return (
        summary.name,
        summary.when[:16].replace("T", " "),
        summary.state,
        str(summary.epochs),
        formats.percent(summary.best_accuracy),
        summary.preset or formats.NOT_MEASURED,
        formats.device(summary.device) if summary.device.keys() >= {"name", "kind"} else formats.NOT_MEASURED,
        summary.dataset,
        note if len(note) <= NOTE_WIDTH else note[: NOTE_WIDTH - 1] + "…",
    )
