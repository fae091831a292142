"""``digits-tui showcase``: test digits in characters, and what a model takes them for."""

from __future__ import annotations

from itertools import zip_longest
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
    """Test digits in characters, with ranked predictions."""
    import numpy as np

    from tui import formats, shades
    from tui.commandline.models import open_dataset, open_model, ranking

    opened = open_model(model, runs_directory)
    data = open_dataset(opened, dataset)
    outputs = opened.outputs(data.test.images)
    shown = np.flatnonzero(outputs.argmax(axis=1) != data.test.labels) if wrong else np.arange(len(data.test))
    for index in shown[:count]:
        answers = ranking(data.classes, opened.probabilities(outputs[index : index + 1])[0])
        predictions = [f"{item['class']:>2} {formats.percent(item['probability']):>8}" for item in answers]
        beside = [f"Digit {index:,}", f"Target: {data.classes[data.test.labels[index]]}", "", "Predictions:", *predictions]
        digit = shades.rows(data.test.images[index].reshape(data.height, data.width))
        lines = zip_longest(digit, beside, fillvalue="")
        click.echo("\n".join(f"{left:{2 * data.width}}  {right}".rstrip() for left, right in lines) + "\n")
