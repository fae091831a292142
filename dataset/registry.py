"""Finds data sets: by name, or in a directory."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from dataset import MAXIMUM_CLASSES, Dataset, DatasetError, Split, csv, idx

IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
CSV_FILES = ("mnist_train.csv", "mnist_test.csv")
FILES_WANTED = f"A data set is a directory with {', '.join(IDX_FILES)} (with .gz or without), or with {' and '.join(CSV_FILES)}."


@dataclass(frozen=True)
class Registered:
    """A data set with a name. ``digests`` are SHA-256 of its unpacked files, by file name; without them it is not shipped."""

    name: str
    summary: str
    digests: Mapping[str, str] | None = None

    @property
    def is_available(self) -> bool:
        return self.digests is not None


_REGISTERED = (
    Registered(
        "mnist",
        "70,000 handwritten digits, 28x28, 10 classes; comes with the program",
        MappingProxyType(
            {
                "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            }
        ),
    ),
    Registered("fashion-mnist", "70,000 pieces of clothing, 28x28, 10 classes"),
    Registered("kmnist", "70,000 Japanese characters, 28x28, 10 classes"),
    Registered("emnist-digits", "280,000 handwritten digits, 28x28, 10 classes"),
)

REGISTERED: Mapping[str, Registered] = MappingProxyType({entry.name: entry for entry in _REGISTERED})


@dataclass(frozen=True)
class FileCheck:
    """A file, and whether its unpacked bytes have the SHA-256 that they should."""

    path: Path
    expected: str
    found: str

    @property
    def is_good(self) -> bool:
        return self.found == self.expected


def load(name_or_directory: str) -> Dataset:
    """A registered data set by its name, or the one in a directory: four IDX files, packed with gzip or not, or two CSV files.

    Raises DatasetError where there is none, or where it is damaged.
    """
    name, directory = _locate(name_or_directory)
    files = [_find(directory, file) for file in IDX_FILES]
    tables = [directory / file for file in CSV_FILES]
    found = [file for file in files if file is not None]
    if len(found) == len(IDX_FILES):
        train, test = _read_idx(*found[:2]), _read_idx(*found[2:])
    elif not found and all(table.is_file() for table in tables):
        train, test = (_read_csv(table) for table in tables)
    else:
        _refuse_incomplete(directory, files, tables)
    return _assemble(name, directory, train, test)


def load_test(name_or_directory: str) -> Dataset:
    """The same with an empty training part and an empty fingerprint, for looking at test digits only: of IDX files the training images,
    which are most of a data set, are not read. Raises DatasetError.
    """
    name, directory = _locate(name_or_directory)
    _, *files = (_find(directory, file) for file in IDX_FILES)
    train_labels, test_images, test_labels = files
    if not (train_labels and test_images and test_labels):
        whole = load(name_or_directory)
        return replace(whole, train=_nothing(whole.inputs), fingerprint="")
    test = _read_idx(test_images, test_labels)
    classes = _classes(directory, idx.read_labels(train_labels), test)
    return Dataset(
        name=name,
        path=str(directory),
        train=_nothing(test.height * test.width),
        test=test.split,
        height=test.height,
        width=test.width,
        classes=_names(classes),
        fingerprint="",
    )


def _nothing(inputs: int) -> Split:
    return Split(np.empty((0, inputs), np.uint8), np.empty(0, np.uint8))


def _names(classes: int) -> tuple[str, ...]:
    return tuple(str(label) for label in range(classes))


def is_registered(dataset: Dataset) -> bool:
    """Whether ``load`` finds this data set by its name, and not in a directory of somebody's own that is called the same."""
    entry = REGISTERED.get(dataset.name)
    return entry is not None and entry.is_available and dataset.path == str(_locate(dataset.name)[1])


def load_again(name: str, path: str) -> Dataset:
    """The data set that something was trained on: registered by its name, or the one that was in the directory ``path``.

    Raises DatasetError where it has moved, and where it was neither.
    """
    if path and not Path(path).is_dir():
        raise DatasetError(f"the data set {name} is no longer in {path}", "Give its new directory with --dataset.")
    if not path and name not in REGISTERED:
        raise DatasetError(f"{name} is not a registered data set, and its directory is not known", "Give its directory with --dataset.")
    return load(path or name)


def verify(name: str) -> list[FileCheck]:
    """Checks the files of a registered data set against their pinned digests. Raises DatasetError where they cannot be read."""
    _, directory = _locate(name)
    digests = REGISTERED[name].digests if name in REGISTERED else None
    if digests is None:
        raise DatasetError(f"there are no digests to check {name} against", "Only a registered data set can be verified: mnist.")
    checks = []
    for file, expected in digests.items():
        path = _find(directory, file) or directory / file
        magic = idx.IMAGES_MAGIC if "images" in file else idx.LABELS_MAGIC
        checks.append(FileCheck(path, expected, hashlib.sha256(idx.content(path, magic)).hexdigest()))
    return checks


def _locate(name: str) -> tuple[str, Path]:
    """The name of a data set and its directory. Raises DatasetError where there is none."""
    if entry := REGISTERED.get(name):
        if not entry.is_available:
            advice = f"Put its four IDX files ({', '.join(IDX_FILES)}; with .gz or without) into a directory and give that directory."
            raise DatasetError(f"the data set {name} cannot be downloaded in this version", advice)
        return name, Path(str(resources.files("dataset") / name))
    directory = Path(name).expanduser()
    if directory.is_dir():
        directory = directory.resolve()
        return directory.name, directory
    if directory.is_file():
        raise DatasetError(f"{name} is a file, not a directory", FILES_WANTED)
    near = difflib.get_close_matches(name, REGISTERED, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    available = ", ".join(entry.name for entry in REGISTERED.values() if entry.is_available)
    raise DatasetError(f"there is no data set and no directory {name}{hint}", f"Give a directory, or a name: {available}.")


def _find(directory: Path, file: str) -> Path | None:
    """The file under its usual names: with '-' or '.' before idx, unpacked or not."""
    names = (file, file.replace("-idx", ".idx"))
    return next((path for suffix in ("", ".gz") for name in names if (path := directory / f"{name}{suffix}").is_file()), None)


def _refuse_incomplete(directory: Path, files: list[Path | None], tables: list[Path]) -> NoReturn:
    missing = [name for name, path in zip(IDX_FILES, files, strict=True) if path is None]
    if len(missing) == len(IDX_FILES):
        missing = [table.name for table in tables if not table.is_file()]
    if len(missing) == len(CSV_FILES):
        raise DatasetError(f"{directory} holds no data set", FILES_WANTED)
    raise DatasetError(f"{directory} lacks {' and '.join(missing)}", FILES_WANTED)


@dataclass(frozen=True)
class _Part:
    """Training or test digits as read, and where the label of the n-th stands, for errors."""

    split: Split
    height: int
    width: int
    label_position: Callable[[int], str]


def _read_idx(images_path: Path, labels_path: Path) -> _Part:
    labels = idx.read_labels(labels_path)
    images = idx.read_images(images_path, count=len(labels))
    _, height, width = images.shape
    split = Split(images.reshape(len(images), height * width), labels)
    return _Part(split, height, width, lambda index: f"{labels_path}, byte {idx.FIRST_LABEL + index}")


def _read_csv(path: Path) -> _Part:
    table = csv.read_table(path)
    return _Part(
        Split(table.images, table.labels), table.side, table.side, lambda index: f"{path}, line {table.first_line + index}, column 1"
    )


def _assemble(name: str, directory: Path, train: _Part, test: _Part) -> Dataset:
    if (train.height, train.width) != (test.height, test.width):
        sizes = f"{train.height}x{train.width} and {test.height}x{test.width}"
        raise DatasetError(f"{directory}: training and test images differ in size, {sizes}", "Both have to come from the same data set.")
    classes = _classes(directory, train.split.labels, test)
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
        classes=_names(classes),
        fingerprint=digest.hexdigest(),
    )


def _classes(directory: Path, train_labels: npt.NDArray[np.uint8], test: _Part) -> int:
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
