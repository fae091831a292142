"""The inputs, dropout masks and targets of many steps at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backends.augmentation import Augmenter
from engine.backends.workspace import Workspace
from engine.network import Network
from engine.steps import Step

NUMBERS_AT_ONCE = 1 << 16
"""Random numbers whose arrays stay in the cache from one pass over them to the next."""

Keys = npt.NDArray[np.uint32]


class Dropout:
    """Says which elements of a layer are kept, of those numbered from ``first`` in the batch."""

    def __init__(self, layer: int, first: int, elements: int) -> None:
        self._layer = np.uint32(layer)
        self._blocks = [range(begin, min(begin + NUMBERS_AT_ONCE, elements)) for begin in range(0, elements, NUMBERS_AT_ONCE)]
        self._counters = [np.arange(first + block.start, first + block.stop, dtype=np.uint32) for block in self._blocks]
        self._steps = max(1, NUMBERS_AT_ONCE // elements)
        self._drawn, self._scratch = (np.empty(self._steps * len(self._blocks[0]), np.uint32) for _ in range(2))

    def keep(self, keys: Keys, threshold: int, kept: npt.NDArray[Any]) -> None:
        """Fills the rows of ``kept`` [steps, elements], one a key, with ones and zeros."""
        layer_keys = counter_random.hashed(keys + self._layer)[:, np.newaxis]
        for begin in range(0, len(keys), self._steps):
            steps = layer_keys[begin : begin + self._steps]
            for block, counters in zip(self._blocks, self._counters, strict=True):
                shape = len(steps), len(block)
                drawn, scratch = (buffer[: len(steps) * len(block)].reshape(shape) for buffer in (self._drawn, self._scratch))
                np.bitwise_xor(counters, steps, out=drawn)
                counter_random.hash_in_place(drawn, scratch)
                np.greater_equal(drawn, np.uint32(threshold), out=kept[begin : begin + len(steps), block.start : block.stop])


class Drawing:
    """Fills a workspace whose rows are those from ``first`` on in each batch."""

    def __init__(
        self, workspace: Workspace, first: int, network: Network, images: npt.NDArray[np.uint8], augmenter: Augmenter | None
    ) -> None:
        self._workspace, self._first, self._images, self._augmenter = workspace, first, images, augmenter
        rows, widths = workspace.rows, network.sizes[:-1]
        self._dropouts = [Dropout(layer, first * width, rows * width) for layer, width in enumerate(widths)]
        self._kept = np.empty((workspace.steps, rows * network.inputs), np.bool_)
        self._places = np.tile(np.arange(first, first + rows, dtype=np.uint32), workspace.steps)
        """Of each image in its batch."""

    def draw(self, steps: list[Step], chosen: npt.NDArray[np.uint32], labels: npt.NDArray[np.uint8]) -> None:
        """``steps`` differ in keys, rates and distortion alone; ``chosen`` are their samples, ``labels`` theirs: [steps * rows]."""
        keys = np.array([step.dropout_key for step in steps], np.uint32)
        self._draw_inputs(steps, chosen, keys)
        if steps[0].hidden_threshold:
            self._draw_masks(steps[0], keys)
        self._set_targets(steps[0].label_smoothing, labels)

    def _draw_inputs(self, steps: list[Step], chosen: npt.NDArray[np.uint32], keys: Keys) -> None:
        workspace, step = self._workspace, steps[0]
        pixels, inputs, kept = workspace.pixels[: len(chosen)], workspace.inputs[: len(chosen)], self._kept[: len(steps)]
        np.take(self._images, chosen, axis=0, out=pixels, mode="clip")
        if step.input_threshold:
            self._dropouts[0].keep(keys, step.input_threshold, kept)
        if self._augmenter is None:
            if step.input_threshold:
                np.multiply(pixels, kept.reshape(pixels.shape).view(np.uint8), out=pixels)
            np.multiply(pixels, np.float32(step.input_scale / 255), out=inputs)
            return
        keys_of_images = np.repeat(np.array([each.augmentation_key for each in steps], np.uint32), workspace.rows)
        shares = np.repeat(np.array([each.distortion for each in steps], np.float32), workspace.rows)
        self._augmenter.distort(pixels, keys_of_images, self._places[: len(chosen)], shares, inputs)
        if step.input_threshold:
            inputs *= kept.reshape(inputs.shape)
            inputs *= np.float32(step.input_scale)

    def _draw_masks(self, step: Step, keys: Keys) -> None:
        for dropout, mask in zip(self._dropouts[1:], self._workspace.masks, strict=True):
            dropout.keep(keys, step.hidden_threshold, mask.reshape(len(mask), -1))
            mask[: len(keys)] *= np.float32(step.hidden_scale)

    def _set_targets(self, smoothing: float, labels: npt.NDArray[np.uint8]) -> None:
        targets = self._workspace.targets[: len(labels)]
        targets.fill(smoothing / targets.shape[1])
        targets[np.arange(len(labels)), labels] += np.float32(1 - smoothing)
