"""Inverted dropout in NumPy (Srivastava et al., 2014): which pixels or neurons a training step leaves out.

Whoever is kept is multiplied by 1 / (1 - probability), so that sums stay as large on average, and nothing has to be done when the network
is used. A hash of the step's key, the layer and the element decides, so that a mask can be drawn anywhere, and again:
``shaders/common.wgsl`` draws the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine import counter_random

NUMBERS_AT_ONCE = 1 << 16
"""Random numbers whose arrays stay in the cache from one pass over them to the next."""

Keys = npt.NDArray[np.uint32]


class DropoutMask:
    """Draws which elements of what a layer reads are kept. ``layer`` is that layer's index, 0 for the pixels.

    Elements are numbered row by row through a whole batch; this mask is for ``elements`` of them, from number ``first`` on, which are the
    samples of one thread.
    """

    def __init__(self, layer: int, first: int, elements: int) -> None:
        self._layer = np.uint32(layer)
        self._blocks = [range(begin, min(begin + NUMBERS_AT_ONCE, elements)) for begin in range(0, elements, NUMBERS_AT_ONCE)]
        self._counters = [np.arange(first + block.start, first + block.stop, dtype=np.uint32) for block in self._blocks]
        self._steps = max(1, NUMBERS_AT_ONCE // elements)
        self._drawn, self._scratch = (np.empty(self._steps * len(self._blocks[0]), np.uint32) for _ in range(2))

    def draw(self, keys: Keys, threshold: int, kept: npt.NDArray[Any]) -> None:
        """Fills ``kept`` [steps, elements] with one where an element is kept in a step, and zero where it is dropped.

        ``keys`` are the steps' dropout keys, [steps]; a hash below ``threshold`` drops (see ``counter_random.threshold``).
        """
        layer_keys = counter_random.hashed(keys + self._layer)[:, np.newaxis]
        for begin in range(0, len(keys), self._steps):
            steps = layer_keys[begin : begin + self._steps]
            for block, counters in zip(self._blocks, self._counters, strict=True):
                shape = len(steps), len(block)
                drawn, scratch = (buffer[: len(steps) * len(block)].reshape(shape) for buffer in (self._drawn, self._scratch))
                np.bitwise_xor(counters, steps, out=drawn)
                counter_random.hash_in_place(drawn, scratch)
                np.greater_equal(drawn, np.uint32(threshold), out=kept[begin : begin + len(steps), block.start : block.stop])
