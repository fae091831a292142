"""Images at another size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def resized(image: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """An image [rows, columns] at another size, [height, width], each pixel the mean of what it covers."""
    mean: npt.NDArray[np.uint8] = np.rint(_means(_means(image, height).T, width).T).astype(np.uint8)
    return mean


def _means(values: npt.NDArray[Any], wanted: int) -> npt.NDArray[np.float64]:
    """Of ``wanted`` equal parts of the rows, [wanted, columns]. Sums and no matrix product, whose threads wait for one that trains."""
    count = len(values)
    edges = np.arange(wanted + 1) * (count / wanted)
    rows = np.minimum(edges.astype(int), count - 1)
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    up_to = sums[rows] + (edges - rows)[:, None] * values[rows]
    means: npt.NDArray[np.float64] = np.diff(up_to, axis=0) * (wanted / count)
    return means
