"""Test digits as text: each in characters, and beside it what a model takes it for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len

from dataset import Dataset
from engine import inference
from tui import formats, shades
from tui.cells import flush_right


def texts(data: Dataset, indices: Iterable[int], probabilities: npt.NDArray[np.float32]) -> Iterator[str]:
    """A text for each of the test digits at ``indices``; ``probabilities`` [test digits, classes] are those of all."""
    width = max(2, *map(cell_len, data.classes))
    names = [flush_right(name, width) for name in data.classes]
    for index in indices:
        row = probabilities[index]
        answers = [f"{names[place]} {formats.percent(float(row[place])):>8}" for place in inference.rank(row)]
        beside = [f"Digit {index + 1:,}", f"Target: {data.classes[data.test.labels[index]]}", "", "Predictions:", *answers]
        digit = shades.rows(data.test.images[index].reshape(data.height, data.width))
        lines = zip_longest(digit, beside, fillvalue="")
        yield "\n".join(f"{left:{2 * data.width}}  {right}".rstrip() for left, right in lines) + "\n"
