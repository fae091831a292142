"""``digits-tui dataset``: the data sets there are, fetching them, and whether they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dataset import DEFAULT_DATASET
from dataset.paths import expanded
from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError
from tui.commandline.group import CommandGroup
from tui.commandline.output import echo_json, table

if TYPE_CHECKING:
    from dataset.catalogue import Registered
    from dataset.verification import FileCheck


@click.group(cls=CommandGroup, no_args_is_help=False)
def dataset() -> None:
    """List data sets, fetch them, and verify them."""


@dataset.command(name="list")
@options.as_json
def list_names(as_json: bool) -> None:
    """List the data sets with a name, for --dataset."""
    from dataset.registry import REGISTERED

    if as_json:
        echo_json([_plain(entry) for entry in REGISTERED.values()])
        return
    click.echo(table([(entry.name, entry.summary, _state(entry)) for entry in REGISTERED.values()]))


@dataset.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=candidates.dataset_names)
@click.option(
    "--from", "source", metavar="DIR|FILE|URL", help="Take the files from there instead of their publishers; they are checked all the same."
)
def get(names: tuple[str, ...], source: str | None) -> None:
    """Fetch data sets by name, once for all runs.

    What is there already is checked, and what is damaged fetched again. A transfer that broke goes on where it stopped.

    The files are kept in the user's cache, or in the directory that DIGITS_TUI_DATASETS_DIR names. Where DIGITS_TUI_MIRROR gives an
    address, they come from there instead of their publishers, each data set from the directory of its name.
    """
    from dataset import registry

    for name in names:
        if name not in registry.REGISTERED:
            raise registry.unknown(name, is_name_wanted=True)
    for name in names:
        entry = registry.REGISTERED[name]
        if entry.is_shipped:
            _refuse_bad(registry.verify(name))
            click.echo(f"{name}: comes with the program, in {entry.directory}")
        else:
            click.echo(f"{name}: {_fetch(entry, source)}")


@dataset.command(short_help="Read a data set to its end, and check it.")
@click.argument("name", default=DEFAULT_DATASET, metavar="[NAME|DIR]", shell_complete=candidates.datasets)
@options.as_json
def verify(name: str, as_json: bool) -> None:
    """Read a data set to its end, and check the digests of one with a name."""
    from dataset import registry

    checks = registry.verify(name) if name in registry.REGISTERED else []
    _refuse_bad(checks)
    loaded = registry.load(name)
    if as_json:
        facts = {"name": loaded.name, "path": loaded.path, "train": len(loaded.train), "test": len(loaded.test)}
        sizes = {"height": loaded.height, "width": loaded.width, "classes": loaded.classes, "fingerprint": loaded.fingerprint}
        echo_json({**facts, **sizes, "sha256": {check.path.name: check.found for check in checks}})
        return
    for check in checks:
        click.echo(f"{check.path.name}: SHA-256 {check.found}, as published")
    click.echo(f"{loaded.name}: {len(loaded.train):,} training and {len(loaded.test):,} test images, {loaded.height}x{loaded.width}")
    click.echo(f"Classes: {', '.join(loaded.classes)}")
    click.echo(f"Fingerprint: {loaded.fingerprint}")


def ensure(name: str) -> None:
    """Fetches the data set of that name, where it has one and is not here yet. Raises DatasetError and OSError."""
    if name == DEFAULT_DATASET or expanded(name).exists():
        return
    from dataset.registry import REGISTERED

    entry = REGISTERED.get(name)
    if entry is not None and not entry.is_here:
        click.echo(f"Fetching {name}, about {entry.megabytes} MB.", err=True)
        _fetch(entry, None)


def _fetch(entry: Registered, source: str | None) -> Path:
    from engine.data.fetching import fetch
    from tui.commandline.transfer import Transfer

    with Transfer() as transfer:
        return fetch(entry, transfer, source)


def _refuse_bad(checks: list[FileCheck]) -> None:
    if bad := [check for check in checks if not check.is_good]:
        what = f"{bad[0].path} is not the published file: SHA-256 {bad[0].found}, not {bad[0].expected}"
        raise CommandLineError(what, f"Get it again with `digits-tui dataset get {bad[0].path.parent.name}`, or install the program again.")


def _state(entry: Registered) -> str:
    if entry.is_shipped:
        return "shipped"
    return "here" if entry.is_here else f"to fetch, {entry.megabytes} MB"


def _plain(entry: Registered) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "available": entry.is_here,
        "classes": entry.classes,
        "megabytes": entry.megabytes,
        "directory": str(entry.directory),
    }
