"""``digits-tui showcase``: test digits in characters, and what a model takes them for."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commandline import options


@click.command()
@options.model
@click.option("--count", type=click.IntRange(min=1), default=3, show_default=True, metavar="N", help="How many digits.")
@click.option("--wrong", is_flag=True, help="Only digits that the model takes for others.")
@options.test_dataset
@options.runs_directory
def showcase(model: str, count: int, wrong: bool, dataset: str | None, runs_directory: Path | None) -> None:
    """Test digits in characters, with ranked predictions.

    They are counted from 1, as in the dashboard.
    """
    import numpy as np

    from tui.commandline.models import open_dataset, open_model
    from tui.digits.showcase import texts

    opened = open_model(model, runs_directory)
    data = open_dataset(opened, dataset)
    outputs = opened.outputs(data.test.images)
    chosen = np.flatnonzero(outputs.argmax(axis=1) != data.test.labels) if wrong else np.arange(len(data.test))
    for text in texts(data, chosen[:count], opened.probabilities(outputs)):
        click.echo(text)
