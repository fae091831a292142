"""``digits-tui statistics``: everything there is to say about a model, as text."""

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
def statistics(model: str, dataset: str | None, runs_directory: Path | None, as_json: bool) -> None:
    """Composition, training and evaluation of a model.

    In JSON, hardest lists wrong test digits, counted from 0.
    """
    from engine import statistics as figures
    from engine.hyperparameters import configuration
    from engine.runs.history import read_history
    from engine.runs.metrics import read_metrics
    from engine.runs.summary import read_summary
    from engine.training import ensemble
    from tui.commandline.models import open_dataset, open_model

    opened = open_model(model, runs_directory)
    data = open_dataset(opened, dataset)
    tested, found = ensemble.with_test_figures(opened.model, data.test)
    summary = read_summary(opened.path) if opened.is_run else None
    history = read_history(opened.path, opened.model.hyperparameters)
    sections = figures.sections(
        history.began,
        opened.model.network,
        dataset=opened.model.dataset,
        changes=history.changes,
        evaluation=found,
        members=ensemble.member_events(tested.hyperparameters, tested.networks),
        epochs=read_metrics(opened.path) if opened.is_run else (),
        epoch=opened.model.epoch,
        device=summary.device if summary else None,
        plan=summary.plan if summary else None,
        phases=summary.phases if summary else None,
    )
    if as_json:
        document = {
            "model": str(opened.path),
            "hyperparameters": configuration.plain(opened.model.hyperparameters),
            "sections": {section.title: dict(section.rows) for section in sections},
            "evaluation": found.plain(),
        }
        echo_json(document)
        return
    click.echo(f"Model: {opened.title}")
    width = max(len(label) for section in sections for label, _ in section.rows)
    for section in sections:
        click.echo(f"\n{section.title}")
        for label, value in section.rows:
            click.echo(f"  {label:{width}}  {value}")
    click.echo("\n" + confusion_matrix(found.confusion, data.classes))
