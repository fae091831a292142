"""Keeps drawings with their labels, and says what came of it. For a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dataset import Dataset, DatasetError
from engine.data.collection import Collection, Drawn, collection_of
from tui.drawing.sight import look_at
from tui.drawing.strokes import Levels


@dataclass(frozen=True, eq=False)
class Kept:
    """A drawing that was kept: as the network sees it, and its label."""

    collection: Collection
    image: npt.NDArray[np.uint8]
    label: int


def read(dataset: Dataset) -> Drawn:
    """What has been collected for a data set. Raises DatasetError."""
    collection = collection_of(dataset)
    with _told(collection):
        return collection.read()


def keep(dataset: Dataset, levels: Levels, label: int, train_key: str) -> tuple[Kept, Drawn, str]:
    """What was kept, all that there is, and what there is to be told; ``train_key`` chooses what to train on. Raises DatasetError."""
    collection = collection_of(dataset)
    kept = Kept(collection, look_at(levels, dataset.height, dataset.width, None).image, label)
    with _told(collection):
        drawn = collection.add(kept.image, label)
    count, name = drawn.counts(len(dataset.classes))[label], dataset.classes[label]
    advice = collection.missing(drawn) or f"Train on them: {train_key}."
    return kept, drawn, f"Kept as {name}: {count} of that class, {len(drawn)} in {collection.directory}. {advice}"


def take_back(kept: Kept) -> Drawn:
    """All that is left. Raises DatasetError."""
    with _told(kept.collection):
        return kept.collection.remove(kept.image, kept.label)


@contextmanager
def _told(collection: Collection) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"{collection.directory} cannot be written: {error.strerror}", "Make room there, or give yourself the right."
        ) from error
