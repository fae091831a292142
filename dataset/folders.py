"""Reads images that lie in a folder for each class: ``DIR/train/LABEL/*.png`` and ``DIR/test/LABEL/*.png``, or ``DIR/LABEL/*.png``.

PNG and JPEG, all of one size. The classes are the folders' names, numbers in their order, others by the alphabet. Images are read as
they are, as grey levels. They are put into an order that only depends on their names, which mixes the classes, since the validation part
is the end of the training images. Without a folder for the test, every fifth image of each class is put aside for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, Dataset, DatasetError, Split, image
from dataset.files import MAXIMUM_BYTES
from dataset.parts import Part, assemble, check_name

TRAIN, TEST = "train", "test"
SUFFIXES = (".png", ".jpg", ".jpeg")
TEST_INTERVAL = 5
MINIMUM_IMAGES = 2
"""Images of a class that it takes to put one aside for the test."""

Labelled = list[tuple[Path, int]]


def is_folder_of_images(directory: Path) -> bool:
    """Whether there is a folder in it that holds a PNG or a JPEG, or folders for training and test."""
    return (directory / TRAIN).is_dir() or any(_is_image(path) for folder in _folders(directory) for path in folder.iterdir())


def read_folders(name: str, directory: Path) -> Dataset:
    """The data set in the folders of ``directory``. Raises DatasetError, which names the file that is wrong."""
    if (directory / TRAIN).is_dir():
        classes = _classes(directory / TRAIN)
        train, test = (_labelled(directory / part, classes) for part in (TRAIN, TEST))
    else:
        classes = _classes(directory)
        train, test = _put_aside(_labelled(directory, classes), directory)
    _check(directory, classes, train, test)
    first, _ = train[0]
    shape = image.read_grey(first).shape
    bound = MAXIMUM_BYTES // (shape[0] * shape[1])
    if len(train) + len(test) > bound:
        raise DatasetError(
            f"{directory} holds {len(train) + len(test):,} images; at most {bound:,} of this size are read", "Use a part of it."
        )
    return assemble(name, directory, _read(train, shape, first), _read(test, shape, first), tuple(classes))


def _folders(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _classes(directory: Path) -> list[str]:
    names = [folder.name for folder in _folders(directory)]
    for name in names:
        check_name(name, str(directory))
    return sorted(names, key=lambda name: (0, int(name), name) if name.isdecimal() else (1, 0, name))


def _labelled(directory: Path, classes: Sequence[str]) -> Labelled:
    """Every image under ``directory`` with its label, class by class, by name. Raises DatasetError for anything else that lies there."""
    if not directory.is_dir():
        raise DatasetError(f"{directory} does not exist", f"Put images for the test there, in the same folders as in {TRAIN}.")
    unknown = sorted({folder.name for folder in _folders(directory)} - set(classes))
    if unknown:
        raise DatasetError(f"{directory / unknown[0]}: no training images have this class", "Both parts need folders of the same names.")
    found = []
    for label, name in enumerate(classes):
        folder = directory / name
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.name.startswith("."):
                continue
            if not _is_image(path):
                raise DatasetError(f"{path} is neither a PNG nor a JPEG", "Take it out of the folder, or convert it to PNG.")
            found.append((path, label))
    return found


def _put_aside(images: Labelled, directory: Path) -> tuple[Labelled, Labelled]:
    """The images for training, and those for the test: of each class every fifth, or the last where there are fewer."""
    train: Labelled = []
    test: Labelled = []
    for label in sorted({label for _, label in images}):
        own = [item for item in images if item[1] == label]
        if len(own) < MINIMUM_IMAGES:
            raise DatasetError(f"{own[0][0].parent} holds a single image", "Each class needs one to train with, and one for the test.")
        aside = set(range(TEST_INTERVAL - 1, len(own), TEST_INTERVAL)) or {len(own) - 1}
        test += [item for place, item in enumerate(own) if place in aside]
        train += [item for place, item in enumerate(own) if place not in aside]
    return train, test


def _check(directory: Path, classes: Sequence[str], train: Labelled, test: Labelled) -> None:
    if not 2 <= len(classes) <= MAXIMUM_CLASSES:
        raise DatasetError(f"{directory} has folders for {len(classes)} classes", f"2 to {MAXIMUM_CLASSES} classes can be learnt.")
    empty = sorted(set(range(len(classes))) - {label for _, label in train})
    if empty:
        raise DatasetError(
            f"the folder of the class {classes[empty[0]]} in {directory} holds no images", "Put images into it, or take it away."
        )
    if not test:
        raise DatasetError(f"{directory / TEST} holds no images", f"Put images for the test there, in the same folders as in {TRAIN}.")


def _read(images: Labelled, shape: tuple[int, ...], first: Path) -> Part:
    """The images in an order that mixes the classes, and is always the same."""
    order = np.random.Generator(np.random.Philox(0)).permutation(len(images))
    paths = [images[place][0] for place in order]
    pixels = np.empty((len(images), *shape), np.uint8)
    for place, path in enumerate(paths):
        levels = image.read_grey(path)
        if levels.shape != shape:
            sizes = f"{levels.shape[1]}x{levels.shape[0]} pixels, but {first} {shape[1]}x{shape[0]}"
            raise DatasetError(f"{path} measures {sizes}", f"Scale all images to one size, up to {MAXIMUM_SIDE}x{MAXIMUM_SIDE}.")
        pixels[place] = levels
    labels = np.array([images[place][1] for place in order], np.uint8)
    return Part(Split(pixels.reshape(len(images), -1), labels), shape[0], shape[1], lambda index: str(paths[index]))
