"""The model that a command is about, the data it is shown, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from dataset import Dataset, registry
from dataset.paths import expanded
from engine import inference
from engine.model import Model
from engine.model_file import load_model
from engine.network import Floats
from engine.runs import names
from engine.runs.index import find_run


@dataclass(frozen=True)
class Opened:
    """A model, its file or its run's directory, and whether it is the latter."""

    model: Model
    path: Path
    is_run: bool

    @property
    def title(self) -> str:
        name = self.path.name if self.is_run else self.path
        return f"{name}, {self.model.stage}"

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Raw outputs for images [n, inputs]: [n, classes]."""
        return self.model.outputs(images)

    def probabilities(self, outputs: Floats) -> Floats:
        return inference.probabilities(outputs, self.model.network.loss)


def open_model(name: str, runs_directory: Path | None) -> Opened:
    """The model of a run, by its name or directory, or of a file. Raises RunError and ModelFileError."""
    path = expanded(name)
    if path.suffix == ".safetensors" or path.is_file():
        return Opened(load_model(path), path, is_run=False)
    run = find_run(name, names.runs_directory(runs_directory))
    return Opened(load_model(run), run, is_run=True)


def open_dataset(opened: Opened, name: str | None) -> Dataset:
    """The data set of that name or directory, else the one that the model was trained on.

    Raises DatasetError where there is none, and ModelFileError where it does not fit.
    """
    own = opened.model.dataset
    loaded = own.load() if name is None else registry.load(name)
    opened.model.check_fit(loaded)
    if loaded.fingerprint != own.fingerprint:
        what = f"other data ({own.name})" if name else f"what {loaded.name} was then, which has changed since"
        click.echo(f"Note: the model was trained on {what}.", err=True)
    return loaded


def ranking(classes: tuple[str, ...], probabilities: Floats) -> list[dict[str, Any]]:
    """Classes and their probabilities, the likeliest first."""
    return [{"class": classes[index], "probability": float(probabilities[index])} for index in inference.rank(probabilities)]
