"""What a batch needs before it goes through the network: its images, distorted where that is asked for, its dropout masks, its targets.

It is drawn for many steps at once, because each call of NumPy costs as much as a small batch.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.backends.cpu.augmentation import Augmenter
from engine.backends.cpu.dropout import DropoutMask, Keys
from engine.backends.cpu.label_smoothing import fill_targets
from engine.backends.cpu.workspace import Workspace
from engine.network import Network
from engine.steps import Step


class BatchPreparation:
    """Fills the workspace of one thread, whose samples are those from number ``first`` on in each batch."""

    def __init__(
        self, workspace: Workspace, first: int, network: Network, images: npt.NDArray[np.uint8], augmenter: Augmenter | None
    ) -> None:
        self._workspace, self._first, self._images, self._augmenter = workspace, first, images, augmenter
        rows, widths = workspace.rows, network.sizes[:-1]
        self._dropouts = [DropoutMask(layer, first * width, rows * width) for layer, width in enumerate(widths)]
        self._kept = np.empty((workspace.steps, rows * network.inputs), np.bool_)
        self._places = np.tile(np.arange(first, first + rows, dtype=np.uint32), workspace.steps)
        """The number of each image in its batch: [steps * rows]."""

    def prepare(self, steps: list[Step], chosen: npt.NDArray[np.uint32], labels: npt.NDArray[np.uint8]) -> None:
        """Fills inputs, masks and targets for ``steps``, which differ in keys, rates and distortion alone.

        ``chosen`` are the indices of their training images, ``labels`` the labels of those: [steps * rows] each.
        """
        keys = np.array([step.dropout_key for step in steps], np.uint32)
        self._prepare_inputs(steps, chosen, keys)
        if steps[0].hidden_threshold:
            self._draw_masks(steps[0], keys)
        fill_targets(self._workspace.targets[: len(labels)], labels, steps[0].label_smoothing)

    def _prepare_inputs(self, steps: list[Step], chosen: npt.NDArray[np.uint32], keys: Keys) -> None:
        workspace, step = self._workspace, steps[0]
        pixels, inputs, kept = workspace.pixels[: len(chosen)], workspace.inputs[: len(chosen)], self._kept[: len(steps)]
        np.take(self._images, chosen, axis=0, out=pixels, mode="clip")
        if step.input_threshold:
            self._dropouts[0].draw(keys, step.input_threshold, kept)
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
            dropout.draw(keys, step.hidden_threshold, mask.reshape(len(mask), -1))
            mask[: len(keys)] *= np.float32(step.hidden_scale)
