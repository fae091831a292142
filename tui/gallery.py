"""The test digits, and what a model takes them for. Everything slow here is meant for a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from dataset import Dataset, Split, registry
from engine import inference
from engine.checkpoint import Model, load_model

CHUNK = 250
"""Digits predicted between two looks at whether that is still wanted."""


@dataclass(frozen=True, eq=False)
class Digits:
    """The test digits of ``dataset``, whose training part is let go: it is six times as large."""

    dataset: Dataset

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
class Predictions:
    """What a model makes of all test digits: probabilities [digits, classes]."""

    model: Model
    probabilities: npt.NDArray[np.float32]
    wrong: npt.NDArray[np.intp]
    """Indices of the digits taken for others, in rising order."""

    def of(self, index: int) -> npt.NDArray[np.float32]:
        """[classes]."""
        row: npt.NDArray[np.float32] = self.probabilities[index]
        return row

    def wrong_after(self, index: int, count: int) -> list[int]:
        """The next ``count`` wrong digits after ``index``, around the end, none of them twice."""
        begin = int(np.searchsorted(self.wrong, index, side="right"))
        return [int(self.wrong[place % len(self.wrong)]) for place in range(begin, begin + min(count, len(self.wrong)))]

    def neighbour(self, index: int, by: int) -> int | None:
        """The next wrong digit after ``index``, or with ``by`` -1 the one before; around the end. None where none is wrong."""
        if not len(self.wrong):
            return None
        place = np.searchsorted(self.wrong, index, side="right") if by > 0 else np.searchsorted(self.wrong, index) - 1
        return int(self.wrong[place % len(self.wrong)])


def load_digits(name: str) -> Digits:
    """Raises DatasetError."""
    dataset = registry.load(name)
    nothing = Split(np.empty((0, dataset.inputs), np.uint8), np.empty(0, np.uint8))
    return Digits(replace(dataset, train=nothing))


def open_model(path: Path, digits: Digits) -> Model:
    """A model that can look at these digits. Raises ModelFileError."""
    model = load_model(path)
    model.check_fit(digits.dataset)
    return model


def predict(model: Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Probabilities [n, classes] for images [n, inputs]."""
    return inference.probabilities(inference.outputs(model.network, model.parameters, images), model.network.loss)


def predict_all(model: Model, digits: Digits, is_wanted: Callable[[], bool]) -> Predictions | None:
    """None where it was no longer wanted. Uses one core, to leave the others to training."""
    probabilities = np.empty((len(digits), len(digits.classes)), np.float32)
    with threadpool_limits(1):
        for begin in range(0, len(digits), CHUNK):
            if not is_wanted():
                return None
            rows = slice(begin, begin + CHUNK)
            probabilities[rows] = predict(model, digits.dataset.test.images[rows])
    return Predictions(model, probabilities, np.flatnonzero(probabilities.argmax(axis=1) != digits.dataset.test.labels))
