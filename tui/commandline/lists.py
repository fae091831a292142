"""``digits-tui devices`` and ``presets``: what there is."""

from __future__ import annotations

import click

from tui.commandline import options
from tui.commandline.output import echo_json, table


@click.command()
@options.as_json
def devices(as_json: bool) -> None:
    """List what can train here, for --device."""
    from engine.devices import AUTO, choose, find_devices

    found = find_devices()
    chosen, note = choose(AUTO, found)
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
    from engine.hyperparameters.configuration import flatten
    from engine.presets import PRESETS

    if as_json:
        values = {item.name: {"summary": item.summary, "hyperparameters": flatten(item.hyperparameters)} for item in PRESETS.values()}
        echo_json(values)
        return
    click.echo(table([(item.name, item.summary) for item in PRESETS.values()]))
