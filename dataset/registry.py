"""Finds data sets: by name, or in a directory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np

from dataset import Dataset, DatasetError, Split, csv, idx, verification
from dataset.catalogue import IDX_FILES, REGISTERED, find
from dataset.folders import is_folder_of_images, read_folders
from dataset.parts import Part, assemble, count_classes, names
from dataset.paths import expanded
from dataset.spelling import did_you_mean
from dataset.verification import FileCheck

__all__ = ["CSV_FILES", "IDX_FILES", "REGISTERED", "is_registered", "load", "load_again", "load_test", "unknown", "verify"]

CSV_FILES = ("mnist_train.csv", "mnist_test.csv")
FILES_WANTED = (
    f"A data set is a directory with {', '.join(IDX_FILES)} (with .gz or without), with {' and '.join(CSV_FILES)}, or with a folder of "
    "PNG or JPEG images for each class, for training and test in train and test or for both together."
)


def load(name_or_directory: str) -> Dataset:
    """A registered data set by its name, or the one in a directory: four IDX files, packed with gzip or not, two CSV files, or a folder
    of images for each class.

    Raises DatasetError where there is none, or where it is damaged.
    """
    name, directory = _locate(name_or_directory)
    files = [find(directory, file) for file in IDX_FILES]
    tables = [directory / file for file in CSV_FILES]
    found = [file for file in files if file is not None]
    if len(found) == len(IDX_FILES):
        is_transposed, classes = _particulars(name_or_directory)
        train, test = _read_idx(found[0], found[1], is_transposed), _read_idx(found[2], found[3], is_transposed)
        return assemble(name, directory, train, test, classes)
    if not found and all(table.is_file() for table in tables):
        train, test = (_read_csv(table) for table in tables)
        return assemble(name, directory, train, test)
    if not found and not any(table.is_file() for table in tables) and is_folder_of_images(directory):
        return read_folders(name, directory)
    _refuse_incomplete(directory, files, tables)


def load_test(name_or_directory: str) -> Dataset:
    """The same with an empty training part and an empty fingerprint, for looking at test digits only: of IDX files the training images,
    which are most of a data set, are not read. Raises DatasetError.
    """
    name, directory = _locate(name_or_directory)
    _, *files = (find(directory, file) for file in IDX_FILES)
    train_labels, test_images, test_labels = files
    if not (train_labels and test_images and test_labels):
        whole = load(name_or_directory)
        return replace(whole, train=_nothing(whole.inputs), fingerprint="")
    is_transposed, classes = _particulars(name_or_directory)
    test = _read_idx(test_images, test_labels, is_transposed)
    count = count_classes(directory, idx.read_labels(train_labels), test)
    return Dataset(
        name=name,
        path=str(directory),
        train=_nothing(test.height * test.width),
        test=test.split,
        height=test.height,
        width=test.width,
        classes=names(directory, count, classes),
        fingerprint="",
    )


def load_sample(name_or_directory: str, most: int, left_out: float) -> Split:
    """The first training digits, ``most`` of them at the most, and none of the last share ``left_out``. Of IDX files no other training
    images are unpacked. Raises DatasetError.
    """
    _, directory = _locate(name_or_directory)
    images_file, labels_file, *_ = (find(directory, file) for file in IDX_FILES)
    if not (images_file and labels_file):
        train = load(name_or_directory).train
        count = _sample_size(len(train), most, left_out)
        return Split(train.images[:count].copy(), train.labels[:count])
    labels = idx.read_labels(labels_file)
    count = _sample_size(len(labels), most, left_out)
    images = idx.read_first_images(images_file, count)
    is_transposed, _ = _particulars(name_or_directory)
    if is_transposed:
        images = images.swapaxes(1, 2)
    return Split(np.ascontiguousarray(images).reshape(count, -1), labels[:count])


def _sample_size(count: int, most: int, left_out: float) -> int:
    return min(most, count - round(left_out * count))


def _nothing(inputs: int) -> Split:
    return Split(np.empty((0, inputs), np.uint8), np.empty(0, np.uint8))


def _particulars(name: str) -> tuple[bool, tuple[str, ...] | None]:
    """Whether images are transposed, and what the classes are called, as far as that is known beforehand."""
    entry = REGISTERED.get(name)
    return (entry.is_transposed, entry.classes) if entry else (False, None)


def is_registered(dataset: Dataset) -> bool:
    """Whether ``load`` finds this data set by its name, and not in a directory of somebody's own that is called the same."""
    entry = REGISTERED.get(dataset.name)
    return entry is not None and entry.is_here and dataset.path == str(entry.directory)


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
    """Checks the files of a registered data set against their digests. Raises DatasetError where they cannot be read."""
    _locate(name)
    if name not in REGISTERED:
        raise DatasetError(f"there are no digests to check {name} against", f"Only these can be verified: {', '.join(REGISTERED)}.")
    return verification.check(REGISTERED[name])


def unknown(name: str, is_name_wanted: bool = False) -> DatasetError:
    """The error for what is neither a data set's name nor a directory; or, where only a name will do, for what is none."""
    hint = did_you_mean(name, REGISTERED)
    no, give = ("", "Give a name") if is_name_wanted else (" and no directory", "Give a directory, or a name")
    return DatasetError(f"there is no data set{no} {name}{hint}", f"{give}: {', '.join(REGISTERED)}.")


def _locate(name: str) -> tuple[str, Path]:
    """The name of a data set and its directory. Raises DatasetError where there is none."""
    if entry := REGISTERED.get(name):
        if not entry.is_here:
            what = f"the data set {name} is not on this machine yet"
            raise DatasetError(what, f"Fetch it (about {entry.megabytes} MB) with: digits-tui dataset get {name}")
        return name, entry.directory
    directory = expanded(name)
    if directory.is_dir():
        directory = directory.resolve()
        return directory.name, directory
    if directory.is_file():
        raise DatasetError(f"{name} is a file, not a directory", FILES_WANTED)
    raise unknown(name)


def _refuse_incomplete(directory: Path, files: Sequence[Path | None], tables: Sequence[Path]) -> NoReturn:
    missing = [name for name, path in zip(IDX_FILES, files, strict=True) if path is None]
    if len(missing) == len(IDX_FILES):
        missing = [table.name for table in tables if not table.is_file()]
    if len(missing) == len(CSV_FILES):
        raise DatasetError(f"{directory} holds no data set", FILES_WANTED)
    raise DatasetError(f"{directory} lacks {' and '.join(missing)}", FILES_WANTED)


def _read_idx(images_path: Path, labels_path: Path, is_transposed: bool) -> Part:
    labels = idx.read_labels(labels_path)
    images = idx.read_images(images_path, count=len(labels))
    if is_transposed:
        images = np.ascontiguousarray(images.swapaxes(1, 2))
    count, height, width = images.shape
    split = Split(images.reshape(count, height * width), labels)
    return Part(split, height, width, lambda index: f"{labels_path}, byte {idx.FIRST_LABEL + index}")


def _read_csv(path: Path) -> Part:
    table = csv.read_table(path)
    return Part(
        Split(table.images, table.labels), table.side, table.side, lambda index: f"{path}, line {table.first_line + index}, column 1"
    )
