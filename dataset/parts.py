"""Puts the training and test part of a data set together, and refuses what does not fit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dataset import MAXIMUM_CLASSES, Dataset, DatasetError, Split
from dataset.files import read

CLASSES_FILE = "classes.txt"
MAXIMUM_NAME = 40
"""The most characters of a class's name."""


@dataclass(frozen=True)
class Part:
    """Training or test digits as read, and where the label of the n-th stands, for errors."""

    split: Split
    height: int
    width: int
    label_position: Callable[[int], str]


def assemble(name: str, directory: Path, train: Part, test: Part, classes: tuple[str, ...] | None = None) -> Dataset:
    """A data set of both parts; ``classes`` are the names of its classes, where they are known. Raises DatasetError."""
    if (train.height, train.width) != (test.height, test.width):
        sizes = f"{train.height}x{train.width} and {test.height}x{test.width}"
        raise DatasetError(f"{directory}: training and test images differ in size, {sizes}", "Both have to come from the same data set.")
    count = count_classes(directory, train.split.labels, test)
    digest = hashlib.sha256(f"{train.height} {train.width} {len(train.split)} {len(test.split)}\n".encode())
    for split in (train.split, test.split):
        digest.update(split.images.data)
        digest.update(split.labels.data)
    return Dataset(
        name=name,
        path=str(directory),
        train=train.split,
        test=test.split,
        height=train.height,
        width=train.width,
        classes=names(directory, count, classes),
        fingerprint=digest.hexdigest(),
    )


def count_classes(directory: Path, train_labels: npt.NDArray[np.uint8], test: Part) -> int:
    """How many classes the labels fill. Raises DatasetError for a gap, for a single class, and for test labels outside."""
    counts = np.bincount(train_labels)
    if len(counts) < 2:
        raise DatasetError(f"{directory}: all training labels are 0", f"2 to {MAXIMUM_CLASSES} classes can be learnt.")
    if not counts.all():
        what = f"no training image has the label {int(np.argmin(counts))}, though labels go up to {len(counts) - 1}"
        raise DatasetError(f"{directory}: {what}", "Labels have to begin at 0 and leave no gap.")
    outside = np.flatnonzero(test.split.labels >= len(counts))
    if outside.size:
        index = int(outside[0])
        what = f"the label {test.split.labels[index]} is not among the training labels, 0 to {len(counts) - 1}"
        raise DatasetError(f"{test.label_position(index)}: {what}", "Both parts have to come from the same data set.")
    return len(counts)


def names(directory: Path, count: int, known: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names of the classes: those that are known, those of classes.txt, or their numbers. Raises DatasetError."""
    if known is not None:
        return known
    file = directory / CLASSES_FILE
    if not file.is_file():
        return tuple(str(label) for label in range(count))
    try:
        lines = [line.strip() for line in read(file).decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise DatasetError(
            f"{file} is not a text file in UTF-8", "Write the name of a class on each line, in the order of the labels."
        ) from None
    while lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        check_name(line, f"{file}, line {number}")
        if line in lines[: number - 1]:
            raise DatasetError(f"{file}, line {number}: the name {line!r} is there already", "Give each class a name of its own.")
    if len(lines) != count:
        advice = "Write one name a line, in the order of the labels, and have a training image of each."
        raise DatasetError(f"{file} names {len(lines)} class{'' if len(lines) == 1 else 'es'}, but the labels fill {count}", advice)
    return tuple(lines)


def check_name(name: str, where: str) -> None:
    """Raises DatasetError for what cannot be the name of a class."""
    if not name or len(name) > MAXIMUM_NAME or not name.isprintable():
        shown = ascii(name[:MAXIMUM_NAME])
        raise DatasetError(f"{where}: {shown} cannot be the name of a class", f"Use 1 to {MAXIMUM_NAME} characters that can be printed.")
