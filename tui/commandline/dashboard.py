"""``digits-tui`` alone: the dashboard."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commandline import options
from tui.commandline.datasets import ensure
from tui.commandline.errors import CommandLineError
from tui.options import Options
from tui.runs.farewell import farewell, sweep_farewell
from tui.settings import read_settings
from tui.state import Memory, state_file

if TYPE_CHECKING:
    from tui.app import DigitsApp

DRIVER_VARIABLE = "TEXTUAL_DRIVER"
"""Set where the dashboard is shown by other means than a terminal, as `digits-tui serve` does."""


def open_dashboard(
    *,
    device: str,
    dataset: str,
    preset: str,
    config: Path | None,
    assignments: tuple[str, ...],
    model: str | None,
    runs_directory: Path | None,
    worker: str | None,
) -> int:
    """Runs the dashboard; its exit code. Raises CommandLineError without a terminal, and for what cannot be used."""
    _refuse_without_terminal()
    is_plain = (preset, config, assignments) == (options.DEFAULT_PRESET, None, ())
    values = None if is_plain else options.resolve(preset, config, assignments)  # None: no import before the first paint
    opened = None
    if model is not None:
        from tui.commandline.models import open_model

        found = open_model(model, runs_directory)
        opened = found.path
        if not options.is_given("dataset"):
            dataset = found.model.dataset.path or found.model.dataset.name
    if worker is None and options.is_given("dataset"):
        ensure(dataset)
    from tui.app import DigitsApp

    memory = Memory(state_file())
    asked = (device, dataset)
    if not options.is_given("device"):
        device = memory.state.device or device
    if model is None and not options.is_given("dataset"):
        dataset = memory.state.dataset or dataset
    app = DigitsApp(
        Options(
            device=device,
            dataset=dataset,
            preset=preset,
            hyperparameters=values,
            is_loaded=not options.begins_with_preset(config),
            config=config,
            open=opened,
            runs_directory=runs_directory,
            worker=worker,
            fallback=asked if asked != (device, dataset) else None,
            settings=read_settings(),
            memory=memory,
            owns_process=True,
            recalls=is_plain and not options.is_given("preset"),
        )
    )
    app.run()
    _say_farewell(app)
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0


def _refuse_without_terminal() -> None:
    is_served = DRIVER_VARIABLE in os.environ
    if not is_served and not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandLineError("the dashboard needs a terminal", "Without one, use `digits-tui train`; `digits-tui --help` lists the rest.")


def _say_farewell(app: DigitsApp) -> None:
    lines: list[str] = []
    if app.client.run is not None:
        lines += farewell(app.client.run, app.options.worker if app.client.files.is_remote else None)
    if app.sweeps.sweep is not None and app.sweeps.request is not None:  # there is no request for one that was only looked at
        lines += sweep_farewell(app.sweeps.sweep)
    with contextlib.suppress(OSError):  # the terminal may be gone
        for line in lines:
            click.echo(line)
