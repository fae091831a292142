"""What can be written to a file from a run, as text. Made in a thread: some of it needs NumPy and the test digits."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dataset.paths import expanded
from tui.first_steps import count_runs, first_steps
from tui.new_files import unused, write_new
from tui.runs.view import RunView
from tui.screens.prompt import Prompt

if TYPE_CHECKING:
    from textual.app import App

    from tui.app import DigitsApp

DIGITS = 20
"""How many wrong digits are written at the most."""


class NotYetError(Exception):
    """Says why, and what to do."""


@dataclass(frozen=True)
class Export:
    title: str
    suffix: str
    """Of the file's name after that of the run."""
    make: Callable[[RunView], str]
    """Raises NotYetError, DatasetError, ModelFileError."""


def metrics(run: RunView) -> str:
    """metrics.csv of the epochs so far."""
    from engine.runs.metrics import to_csv

    if not run.epochs:
        raise NotYetError("There are no metrics before the first epoch is over.")
    return to_csv(run.epochs)


def confusion(run: RunView) -> str:
    """A line a target, a column an answer."""
    if run.evaluation is None or run.started is None:
        raise NotYetError("There is no confusion matrix before a run is evaluated, at its end.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    classes = run.started.dataset["classes"]
    writer.writerow(["target", *classes])
    writer.writerows([name, *counts] for name, counts in zip(classes, run.evaluation["confusion"], strict=True))
    return text.getvalue()


def digits(run: RunView) -> str:
    """The first wrong digits in characters, with their ranked predictions."""
    from engine.model_file import load_model
    from tui.digits.gallery import Digits, predict_all
    from tui.digits.showcase import texts

    if run.model is None:
        raise NotYetError("There is no model before the first epoch is over.")
    model = load_model(run.model)
    data = model.dataset.load()
    predictions = predict_all(model, Digits(data, data.name), lambda: True)
    assert predictions is not None
    return "\n".join(texts(data, predictions.wrong[:DIGITS], predictions.probabilities))


EXPORTS = {
    "metrics": Export("Write the metrics to", "metrics.csv", metrics),
    "confusion": Export("Write the confusion matrix to", "confusion.csv", confusion),
    "digits": Export("Write the wrong digits to", "wrong-digits.txt", digits),
}
"""By the method of the action."""


def picture(app: App[None]) -> str:
    """What is on screen as SVG, in which every viewer keeps the spaces."""
    return app.export_screenshot().replace("<text ", '<text xml:space="preserve" ')


async def export(app: DigitsApp, name: str) -> None:
    """Makes a text of the run in hand and asks where to write it; says so where that cannot be done."""
    from dataset import DatasetError
    from engine.storage.tensor_file import ModelFileError

    chosen, run = EXPORTS[name], app.client.run
    try:
        if run is None:
            runs = await asyncio.to_thread(count_runs, app.options.runs_directory)
            raise NotYetError(f"There is no run in hand. {first_steps(app, runs)}")
        text = await asyncio.to_thread(chosen.make, run)
    except (NotYetError, DatasetError, ModelFileError) as error:
        app.notify(str(error), severity="warning", markup=False)
        return
    stem = run.directory.name if run.directory else "run"
    await write(app, chosen.title, f"{stem}-{chosen.suffix}", text)


async def write(app: DigitsApp, title: str, name: str, text: str) -> None:
    """Asks where to write a text, and says where it is."""
    path = await app.push_screen_wait(Prompt(title, unused(name), partial(write_new, content=text)))
    if path is not None:
        app.notify(f"Written to {expanded(path).resolve()}.", markup=False)
