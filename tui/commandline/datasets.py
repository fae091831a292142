"""``digits-tui dataset``: the data sets there are, and whether they are whole."""

from __future__ import annotations

import click

from tui.commandline import options
from tui.commandline.errors import CommandLineError
from tui.commandline.output import echo_json, table


@click.group(no_args_is_help=False)
def dataset() -> None:
    """List data sets, and verify them."""


@dataset.command(name="list")
@options.as_json
def list_names(as_json: bool) -> None:
    """List the data sets with a name, for --dataset."""
    from dataset.registry import REGISTERED

    if as_json:
        echo_json([{"name": item.name, "summary": item.summary, "available": item.is_available} for item in REGISTERED.values()])
        return
    click.echo(table([(item.name, item.summary if item.is_available else f"{item.summary} (not shipped)") for item in REGISTERED.values()]))


@dataset.command()
@click.argument("name", default=options.DEFAULT_DATASET, metavar="[NAME|DIR]")
@options.as_json
def verify(name: str, as_json: bool) -> None:
    """Read a data set to its end, and check a shipped one's digests."""
    from dataset import registry

    checks = registry.verify(name) if name in registry.REGISTERED else []
    if bad := [check for check in checks if not check.is_good]:
        advice = "Install the program again."
        raise CommandLineError(f"{bad[0].path} is not the published file: SHA-256 {bad[0].found}, not {bad[0].expected}", advice)
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
