"""Labelled drawings of one's own, collected in four IDX files: a data set that can be trained on.

Of each class the second drawing, and every fifth after it, goes to the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import platformdirs

from dataset import Dataset, DatasetError, idx
from dataset.catalogue import IDX_FILES
from dataset.files import read
from dataset.parts import CLASSES_FILE
from engine.storage.files import atomic_write
from engine.storage.lock import Lock, holding

SUFFIX = "-drawn"
TEST_INTERVAL, FIRST_TEST = 5, 1
LOCK_FILE = ".lock"
LOCK_WAIT = 2.0
"""Seconds that another dashboard may take to add a drawing of its own."""

Images = npt.NDArray[np.uint8]


def drawings_directory() -> Path:
    """Where collections are, one for each data set whose classes they have."""
    return Path(platformdirs.user_data_dir("digits-tui", appauthor=False)) / "drawings"


def collections() -> list[Path]:
    """Their directories, by their names."""
    return sorted(file.parent for file in drawings_directory().glob(f"*/{IDX_FILES[1]}"))


def collection_of(dataset: Dataset) -> Collection:
    """The collection for the classes and the size of a data set; of a collection, itself."""
    path, home = Path(dataset.path), drawings_directory()
    directory = path if dataset.path and path.parent == home.resolve() else home / f"{dataset.name}{SUFFIX}"
    return Collection(directory, dataset.height, dataset.width, dataset.classes)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What has been collected: for training and for the test, images [count, height, width] and labels [count]."""

    train: tuple[Images, Images]
    test: tuple[Images, Images]

    def __len__(self) -> int:
        return len(self.train[1]) + len(self.test[1])

    def newest(self, most: int) -> list[tuple[Images, int, str]]:
        """Drawings, labels, and where each is, such as ``3`` or ``test 1``: the newest of each part first, in turn."""
        parts = [
            [
                (images[place], int(labels[place]), f"{name}{place + 1}")
                for place in range(len(labels) - 1, max(-1, len(labels) - 1 - most), -1)
            ]
            for (images, labels), name in ((self.train, ""), (self.test, "test "))
        ]
        return [found for both in zip_longest(*parts) for found in both if found is not None][:most]

    def counts(self, classes: int) -> list[int]:
        """Drawings of each class."""
        labels = np.concatenate([self.train[1], self.test[1]])
        return [int(count) for count in np.bincount(labels, minlength=classes)]


class Collection:
    """The drawings in ``directory``: images of that size, in those classes. Any number of processes may add to it."""

    def __init__(self, directory: Path, height: int, width: int, classes: Sequence[str]) -> None:
        self.directory = directory
        self._shape = (height, width)
        self._classes = tuple(classes)
        self._names = "".join(f"{name}\n" for name in classes).encode()

    def read(self) -> Drawn:
        """Nothing, where there is no collection yet. Raises DatasetError for one that is damaged, or of another size or other classes."""
        train, test = self._part(False), self._part(True)
        file = self.directory / CLASSES_FILE
        if file.is_file() and read(file) != self._names:
            raise DatasetError(f"{file} names other classes", "Move that directory away to begin another collection.")
        return Drawn(train, test)

    def _part(self, is_test: bool) -> tuple[Images, Images]:
        images_file, labels_file = self._files(is_test)
        if not labels_file.is_file():
            return np.empty((0, *self._shape), np.uint8), np.empty(0, np.uint8)
        labels, images = idx.read_labels(labels_file), idx.read_images(images_file)
        if images.shape[1:] != self._shape or len(images) < len(labels):
            wanted, found = (f"{count} of {width}x{height}" for count, height, width in ((len(labels), *self._shape), images.shape))
            what = f"there should be {wanted}, and there are {found}"
            raise DatasetError(f"{images_file}: {what}", "Move that directory away to begin another collection.")
        return images[: len(labels)], labels  # an image without a label is what a crash between the two files leaves

    def add(self, image: Images, label: int) -> Drawn:
        """All drawings, with one more, [height, width], at the end of its part. Raises DatasetError, OSError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            drawn = self.read()
            count = drawn.counts(len(self._classes))[label]
            is_test = _is_for_test(count)
            images, labels = drawn.test if is_test else drawn.train
            grown = np.concatenate([images, image[None]]), np.append(labels, np.uint8(label))
            if not (self.directory / CLASSES_FILE).exists():
                atomic_write(self.directory / CLASSES_FILE, self._names)
            for file, content in zip(self._files(is_test), grown, strict=True):  # so that there is an image to every label at any moment
                atomic_write(file, idx.to_bytes(content))
            return Drawn(drawn.train, grown) if is_test else Drawn(grown, drawn.test)

    def remove(self, image: Images, label: int) -> Drawn:
        """All drawings but the last that is this one. Raises DatasetError, OSError."""
        with self._locked():
            drawn = self.read()
            was_for_test = _is_for_test(drawn.counts(len(self._classes))[label] - 1)
            for is_test in (was_for_test, not was_for_test):
                images, labels = drawn.test if is_test else drawn.train
                found = np.flatnonzero((labels == label) & (images == image).all(axis=(1, 2)))
                if found.size:
                    left = np.delete(images, found[-1], axis=0), np.delete(labels, found[-1])
                    self._shrink(is_test, *left)
                    return Drawn(drawn.train, left) if is_test else Drawn(left, drawn.test)
            return drawn

    def _shrink(self, is_test: bool, images: Images, labels: Images) -> None:
        """The labels before the images. An empty part has no files."""
        images_file, labels_file = self._files(is_test)
        if not len(labels):
            labels_file.unlink()
            images_file.unlink()
            return
        atomic_write(labels_file, idx.to_bytes(labels))
        atomic_write(images_file, idx.to_bytes(images))

    def _files(self, is_test: bool) -> tuple[Path, Path]:
        """Of images and of labels."""
        images, labels = IDX_FILES[2:] if is_test else IDX_FILES[:2]
        return self.directory / images, self.directory / labels

    def _locked(self) -> AbstractContextManager[Lock]:
        busy = DatasetError(f"{self.directory} is in use by another dashboard", "Try once more.")
        return holding(self.directory / LOCK_FILE, busy, LOCK_WAIT)

    def missing(self, drawn: Drawn) -> str:
        """What it takes until this can be trained on, as a sentence; or nothing."""
        without = [name for label, name in enumerate(self._classes) if label not in drawn.train[1]]
        if without:
            return f"To train on them, one of each class is needed; there is none yet of {', '.join(without)}."
        return "" if len(drawn.test[1]) else "To train on them, one more is needed, for the test: a second one of any class."


def _is_for_test(number: int) -> bool:
    """Of a class, the drawing of that number, counted from 0."""
    return number % TEST_INTERVAL == FIRST_TEST
