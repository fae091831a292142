"""``digits-tui evaluate``: how good a model is."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commandline import options
from tui.commandline.output import confusion_matrix, echo_json

TOLD = ("member", "seed", "best_epoch", "test_accuracy", "test_loss", "committee_accuracy", "committee_loss")
"""Of each member of an ensemble."""


@click.command()
@options.model
@options.test_dataset
@options.runs_directory
@options.as_json
def evaluate(model: str, dataset: str | None, runs_directory: Path | None, as_json: bool) -> None:
    """Test accuracy, loss and confusion matrix of a model.

    In JSON, hardest lists wrong test digits, counted from 0.
    """
    from engine.training import ensemble
    from tui import formats
    from tui.commandline.models import open_dataset, open_model

    opened = open_model(model, runs_directory)
    data = open_dataset(opened, dataset)
    tested, found = ensemble.with_test_figures(opened.model, data.test)
    members = ensemble.member_events(tested.hyperparameters, tested.members)
    if as_json:
        figures = {"members": [{name: getattr(each, name) for name in TOLD} for each in members]} if members else {}
        echo_json({"model": str(opened.path), "epoch": opened.model.epoch, "dataset": data.name, **found.plain(), **figures})
        return
    click.echo(f"Model: {opened.title}")
    click.echo(f"Data set: {data.name}, {found.samples:,} test digits, {found.wrong:,} of them wrong")
    for each in members:
        click.echo(formats.member(each))
    click.echo(f"Test accuracy: {formats.percent(found.accuracy)}, loss: {formats.decimals(found.loss)}")
    click.echo("\n" + confusion_matrix(found.confusion, data.classes))
