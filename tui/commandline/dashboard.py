"""``digits-tui`` alone: the dashboard."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.commandline import options
from tui.commandline.errors import CommandLineError
from tui.options import Options


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
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandLineError("the dashboard needs a terminal", "Without one, use `digits-tui train`; `digits-tui --help` lists the rest.")
    is_plain = (preset, config, assignments) == (options.DEFAULT_PRESET, None, ())
    values = None if is_plain else options.resolve(preset, config, assignments)  # None: no import before the first paint
    opened = None
    if model is not None:
        from tui.commandline.models import open_model

        found = open_model(model, runs_directory)
        opened = found.path
        if not options.is_given("dataset"):
            dataset = found.model.dataset.path or found.model.dataset.name
    from tui.app import DigitsApp

    app = DigitsApp(
        Options(
            device=device,
            dataset=dataset,
            preset=preset,
            hyperparameters=values,
            config=config,
            open=opened,
            runs_directory=runs_directory,
            worker=worker,
        )
    )
    app.run()
    return app.return_code or 0
