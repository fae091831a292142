"""``digits-tui bench``: how fast each device and plan trains, each measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click

from tui import formats
from tui.commandline import candidates, options
from tui.commandline.output import echo_json, table

COLUMNS = ("work", "device", "plan", "us a step", "samples/s", "peak MiB")
ACCURACIES = ("97%", "98%")


@click.command()
@click.option(
    "--work", "works", multiple=True, metavar="NAME", shell_complete=candidates.works, help="S, M, L or P; may be repeated. All by default."
)
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    shell_complete=candidates.devices,
    help="As for train; may be repeated. All by default.",
)
@click.option("--to-accuracy", is_flag=True, help="Also the time to 97% and 98% test accuracy; takes minutes.")
@options.as_json
def bench(works: tuple[str, ...], devices: tuple[str, ...], to_accuracy: bool, as_json: bool) -> None:
    """Measure how fast each device trains, with each plan.

    \b
    S   784-16-16-10, batch 4, no regularization
    M   784-512-512-10, batch 128, dropout 0.2 and 0.5
    L   784-2500-2000-1500-1000-500-10, batch 256
    P   many networks like S at once, each counted; on a GPU

    A step's time is the median of five measurements of about half a second, of training alone: no validation, no files. Of P it is
    the share of one network. samples/s follow from it; peak MiB is the most that the measuring process held in the host's memory.
    """
    from engine.benchmark import WORKS
    from engine.devices import choose, find_devices

    unknown = [name for name in works if name not in WORKS]
    if unknown:
        raise click.UsageError(f"there is no work {unknown[0]!r} (there are {', '.join(WORKS)})")
    found = find_devices()
    indices = [choose(name, found)[0].index for name in devices] or [device.index for device in found]
    rows = list(_measurements(works or tuple(WORKS), indices, to_accuracy, as_json))
    if as_json:
        echo_json(rows)
        return
    accuracies = ACCURACIES if to_accuracy else ()
    click.echo(table([(*COLUMNS, *(f"s to {accuracy}" for accuracy in accuracies)), *(_row(row, accuracies) for row in rows)]))
    if not to_accuracy:
        click.echo("--to-accuracy measures the time to 97% and 98% test accuracy too; that takes minutes.", err=True)


def _measurements(works: tuple[str, ...], indices: list[int], to_accuracy: bool, quiet: bool) -> Iterator[dict[str, Any]]:
    """Each measurement; one that fails is told on stderr and left out."""
    for work in works:
        for index in indices:
            for plan in _run(work, index) or []:
                if not quiet and sys.stderr.isatty():
                    click.echo(f"{work} on device {index}, plan {plan['name']} …", err=True)
                measured = _run(work, index, "--plan", json.dumps(plan), *(["--to-accuracy"] if to_accuracy else []))
                if measured:
                    yield measured


def _run(work: str, index: int, *arguments: str) -> Any:
    command = [sys.executable, "-P", "-m", "engine.benchmark", work, "cpu" if index == 0 else str(index), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    reason = (done.stderr.strip().splitlines() or [f"ended with code {done.returncode}"])[-1]
    click.echo(f"{work} on device {index} could not be measured: {reason}", err=True)
    return None


def _row(measured: dict[str, Any], accuracies: tuple[str, ...]) -> tuple[str, ...]:
    plan, memory = measured["plan"], measured["peak_mebibytes"]
    counted = next((f", {formats.count(plan[what], what[:-1])}" for what in ("threads", "members") if what in plan), "")
    times = [measured["seconds_to"].get(accuracy) for accuracy in accuracies]
    return (
        measured["work"],
        measured["device"],
        plan["name"] + counted,
        f"{measured['microseconds']:,.1f}",
        f"{measured['samples_per_second']:,.0f}",
        "" if memory is None else f"{memory:,.0f}",
        *("" if seconds is None else f"{seconds:.1f}" for seconds in times),
    )
