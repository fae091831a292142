"""``digits-tui devices``, ``presets`` and ``runs``: what there is."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commandline import options
from tui.commandline.output import echo_json, table


@click.command()
@options.as_json
def devices(as_json: bool) -> None:
    """List what can train here, for --device."""
    from engine.devices import choose, find_devices

    found = find_devices()
    chosen, note = choose("auto")
    if as_json:
        echo_json({"devices": [device.plain() for device in found], "auto": chosen.index, "note": note})
        return
    rows = [(str(device.index), device.name, device.kind, device.backend, device.driver) for device in found]
    click.echo(table([("index", "name", "kind", "backend", "driver"), *rows]))
    click.echo(f"\n--device auto takes {chosen.index}. {note}")


@click.command()
@options.as_json
def presets(as_json: bool) -> None:
    """List named hyperparameters, for --preset.

    As JSON with all their values.
    """
    from engine.configuration import flatten
    from engine.presets import PRESETS

    if as_json:
        values = {item.name: {"summary": item.summary, "hyperparameters": flatten(item.hyperparameters)} for item in PRESETS.values()}
        echo_json(values)
        return
    click.echo(table([(item.name, item.summary) for item in PRESETS.values()]))


@click.command()
@options.runs_directory
@options.as_json
def runs(runs_directory: Path | None, as_json: bool) -> None:
    """List the runs, the newest first."""
    from engine import runs as engine_runs
    from tui import formats

    root = engine_runs.runs_directory(str(runs_directory) if runs_directory else None)
    found = engine_runs.list_runs(root)
    if as_json:
        echo_json([summary.plain() for summary in found])
        return
    if not found:
        click.echo(f"There are no runs in {root}.")
        return
    rows = [
        (
            item.name,
            item.state,
            str(item.epochs),
            formats.percent(item.validation_accuracy),
            formats.percent(item.test_accuracy),
            item.dataset,
        )
        for item in found
    ]
    click.echo(table([("name", "state", "epochs", "validation", "test", "data set"), *rows]))
