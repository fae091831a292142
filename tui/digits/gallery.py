"""The test digits, and what a model takes them for. Everything slow here is meant for a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from dataset import Dataset, Split, registry
from engine import inference
from engine.insight.histograms import SAMPLES
from engine.insight.saliency import Examination, examine
from engine.model import Model
from engine.model_file import load_model
from engine.runs.names import SNAPSHOT_FILE
from engine.storage.tensor_file import ModelFileError

CHUNK = 250
"""Digits predicted between two looks at whether that is still wanted."""


@dataclass(frozen=True, eq=False)
class Digits:
    """The test digits of ``dataset``, whose training part is empty: it is six times as large."""

    dataset: Dataset
    source: str
    """What it was loaded from: a name, or a directory."""

    def __len__(self) -> int:
        return len(self.dataset.test)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.dataset.classes

    def image(self, index: int) -> npt.NDArray[np.uint8]:
        """[height, width]."""
        image: npt.NDArray[np.uint8] = self.dataset.test.images[index].reshape(self.dataset.height, self.dataset.width)
        return image

    def label(self, index: int) -> int:
        return int(self.dataset.test.labels[index])


@dataclass(frozen=True, eq=False)
class Look:
    """What a model makes of one digit: raw outputs and probabilities, [classes] each."""

    outputs: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    agreeing: int
    """How many of its networks take the digit for ``taken``."""
    members: int
    """How many it has."""

    @property
    def agreement(self) -> str:
        """Of an ensemble, in words; nothing of a network alone."""
        return f"{self.agreeing} of {self.members} agree" if self.members > 1 else ""

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """The classes, the likeliest first."""
        return inference.rank(self.outputs)

    @property
    def taken(self) -> int:
        return int(self.order[0])


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model makes of all test digits: raw outputs and probabilities, [digits, classes] each."""

    model: Model
    outputs: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    taken: npt.NDArray[np.intp]
    """The class that each digit is taken for."""
    is_wrong: npt.NDArray[np.bool_]
    """Whether it is taken for another than it is."""
    agreeing: npt.NDArray[np.intp]
    """How many networks of the model take it for that class."""

    @cached_property
    def wrong(self) -> npt.NDArray[np.intp]:
        """Indices of the digits taken for others, in rising order."""
        return np.flatnonzero(self.is_wrong)

    @cached_property
    def certainty(self) -> npt.NDArray[np.float32]:
        """The highest probability of each digit."""
        highest: npt.NDArray[np.float32] = self.probabilities.max(axis=1)
        return highest

    def of(self, index: int) -> Look:
        return Look(self.outputs[index], self.probabilities[index], int(self.agreeing[index]), len(self.model.networks))


def load_digits(name: str) -> Digits:
    """Raises DatasetError."""
    return Digits(registry.load_test(name), name)


@lru_cache(maxsize=1)
def training_sample(name: str, left_out: float) -> Split:
    """A few training digits; none of the last share ``left_out``, which validates. Raises DatasetError."""
    return registry.load_sample(name, SAMPLES, left_out)


def open_model(path: Path, digits: Digits) -> Model:
    """A model that can look at these digits. Raises ModelFileError."""
    model = load_model(path)
    model.check_fit(digits.dataset)
    return model


def open_snapshot(run_directory: Path, digits: Digits) -> Model | None:
    """The last model of a run that was not better than those before it, where there is one."""
    try:
        return open_model(run_directory / SNAPSHOT_FILE, digits)
    except ModelFileError:
        return None


@cache
def _controller() -> ThreadpoolController:
    """Looking for the libraries that it controls takes milliseconds."""
    return ThreadpoolController()


def one_core() -> AbstractContextManager[object]:
    """Leaves the others to training."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1)
    return limited


def examine_digit(model: Model, digits: Digits, index: int) -> Examination:
    """Why the model takes a digit for what it does."""
    with one_core():
        return examine(model.network, [member.parameters for member in model.networks], model.views, digits.dataset.test.images[index])


def deskewed(model: Model, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """A digit [height, width] as those of the model's networks see it that see it so; None where none does."""
    view = next((view for view in model.views if view.deskew), None)
    return None if view is None else view.seen_image(image)


def predict_all(model: Model, digits: Digits, is_wanted: Callable[[], bool]) -> Predictions | None:
    """None where it was no longer wanted."""
    outputs = np.empty((len(digits), len(digits.classes)), np.float32)
    agreeing = np.empty(len(digits), np.intp)
    with one_core():
        for begin in range(0, len(digits), CHUNK):
            if not is_wanted():
                return None
            rows = slice(begin, begin + CHUNK)
            each = model.each_outputs(digits.dataset.test.images[rows])
            outputs[rows], agreeing[rows] = model.together(each), model.agreeing(each)
    taken = outputs.argmax(axis=1)
    probabilities = inference.probabilities(outputs, model.network.loss)
    return Predictions(model, outputs, probabilities, taken, taken != digits.dataset.test.labels, agreeing)
