"""Digits and where they come from.

``registry`` finds a data set, by a name of the ``catalogue`` or in a directory; ``idx``, ``csv`` and ``folders`` read its files, ``parts``
puts it together, and ``verification`` tells whether it is the published one. ``image`` makes a digit of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what only wants a name or an error from here is not to wait for NumPy
    import numpy as np
    import numpy.typing as npt

DEFAULT_DATASET = "mnist"
"""The one that comes with the program."""
MAXIMUM_SIDE = 64
"""The most pixels an image may measure, either way."""
MAXIMUM_CLASSES = 64


class DatasetError(ValueError):
    """Data that is missing or damaged: ``message`` says what and where, ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


@dataclass(frozen=True)
class Split:
    """Images and their labels.

    ``images`` is uint8, [count, height * width], C-contiguous; ``labels`` is uint8, [count].
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """Training and test digits of one size and one set of classes."""

    name: str
    path: str
    train: Split
    test: Split
    height: int
    width: int
    classes: tuple[str, ...]
    fingerprint: str
    """SHA-256, in hexadecimal, over the sizes, images and labels of both parts."""

    @property
    def inputs(self) -> int:
        return self.height * self.width
