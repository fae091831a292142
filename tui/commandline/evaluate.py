"""``digits-tui evaluate``: how good a model is."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commandline import options
from tui.commandline.output import confusion_matrix, echo_json


@click.command()
@options.model
@options.test_dataset
@options.runs_directory
@options.as_json
def evaluate(model: str, dataset: str | None, runs_directory: Path | None, as_json: bool) -> None:
    """Test accuracy, loss and confusion matrix of a model."""
    from engine import evaluation
    from tui import formats
    from tui.commandline.models import open_dataset, open_model

    opened = open_model(model, runs_directory)
    data = open_dataset(opened, dataset)
    found = evaluation.evaluate(opened.outputs(data.test.images), data.test.labels, opened.model.network.loss)
    if as_json:
        echo_json({"model": str(opened.path), "epoch": opened.model.epoch, "dataset": data.name, **found.plain()})
        return
    click.echo(f"Model: {opened.title}")
    click.echo(f"Data set: {data.name}, {found.samples:,} test digits, {found.wrong:,} of them wrong")
    click.echo(f"Test accuracy: {formats.percent(found.accuracy)}, loss: {formats.decimals(found.loss)}")
    click.echo("\n" + confusion_matrix(found.confusion, data.classes))
