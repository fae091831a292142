"""``digits-tui export``: a model or a run, for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dataset.paths import expanded
from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError, ExitCode

if TYPE_CHECKING:
    from dataset import Dataset
    from engine.export import Source
    from engine.model import Model

SUFFIXES = {"onnx": ".onnx", "csv": ".csv", "toml": ".toml", "html": ".html", "tensorboard": "-tensorboard"}
"""The formats, and how the names of their files end; the last is a directory."""


@click.command()
@options.model
@click.option("--to", "form", type=click.Choice(list(SUFFIXES)), required=True, help="The format.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write; by default the run's name here. - is the standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@click.option(
    "--dataset",
    metavar="NAME|DIR",
    shell_complete=candidates.datasets,
    help="For html: test digits other than those of the model's own data set.",
)
@options.runs_directory
def export(model: str, form: str, output: Path | None, force: bool, dataset: str | None, runs_directory: Path | None) -> None:
    """Write a model, or the run that it is of, for other programs.

    \b
    onnx         the network: uint8 images [n, height, width] in,
                 probabilities out; opset 17
    csv          every parameter, a line each; members, layers, neurons
                 and inputs are counted from 0
    toml         the hyperparameters, for --config
    html         a report of the run with its charts, in one file
    tensorboard  the run's curves, for `tensorboard --logdir`

    onnx, html and tensorboard need more packages, and say how to install them.
    """
    from engine.export import Source
    from engine.runs.history import read_history
    from engine.runs.metrics import read_metrics
    from engine.runs.summary import read_summary
    from tui.commandline.models import open_model

    opened = open_model(model, runs_directory)
    name = opened.path.name if opened.is_run else opened.path.stem
    target = Path(f"{name}{SUFFIXES[form]}") if output is None else expanded(output)
    source = Source(
        name=name,
        model=opened.model,
        history=read_history(opened.path, opened.model.hyperparameters),
        summary=read_summary(opened.path) if opened.is_run else None,
        epochs=read_metrics(opened.path) if opened.is_run else (),
        dataset=_dataset(opened.model, dataset) if form == "html" else None,
    )
    if form == "tensorboard":
        _write_events(source, target, force)
    elif str(target) == "-":
        click.echo(_make(form)(source), nl=False)
        return
    else:
        _write(target, _make(form), source, force)
    click.echo(f"Written: {target}")


def _make(form: str) -> Callable[[Source], bytes]:
    """What makes the content of a file."""
    if form == "onnx":
        from engine.export.onnx import to_onnx

        return to_onnx
    if form == "html":
        from engine.export.report import to_html

        return to_html
    from engine.export import tables

    return {"csv": tables.to_csv, "toml": tables.to_toml}[form]


def _write(target: Path, make: Callable[[Source], bytes], source: Source, force: bool) -> None:
    from engine.storage.files import atomic_write

    if target.is_dir():
        raise CommandLineError(f"{target} is a directory, not a file", "Give a file with -o.")
    if target.exists() and not force:
        raise CommandLineError(f"{target} is there already", "Give another path with -o, or overwrite it with --force.")
    content = make(source)
    try:
        atomic_write(target, content)
    except OSError as error:
        advice = "Check the path, its permissions and the space left."
        raise CommandLineError(f"{target} cannot be written: {error.strerror}", advice, ExitCode.FAILURE) from None


def _write_events(source: Source, target: Path, force: bool) -> None:
    from engine.export.tensorboard import has_events, write_events

    if str(target) == "-":
        raise CommandLineError("event files cannot go to the standard output", "Give a directory with -o.")
    if target.exists() and not target.is_dir():
        raise CommandLineError(f"{target} is a file, not a directory", "Give a directory with -o.")
    if has_events(target) and not force:
        raise CommandLineError(f"{target} holds event files already", "Give another directory with -o, or replace them with --force.")
    if not source.epochs:
        raise CommandLineError(f"{source.name} has no epochs to show", "Give a run that has finished one.")
    write_events(source, target)


def _dataset(model: Model, name: str | None) -> Dataset | None:
    """The data to evaluate on: that which is asked for, else the model's own, if it is there. Raises DatasetError and ModelFileError."""
    from dataset import DatasetError, registry

    if name is not None:
        chosen = registry.load(name)
        model.check_fit(chosen)
        return chosen
    try:
        own = model.dataset.load()
    except DatasetError as error:
        click.echo(f"Note: {error.message}; the report does without it.", err=True)
        return None
    model.check_fit(own)
    return own
