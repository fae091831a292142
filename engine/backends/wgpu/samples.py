"""A data set on the device."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import wgpu

from dataset import Dataset
from engine.backends.wgpu.memory import create_buffer
from engine.network import padded


class Samples:
    """The samples of a data set, training images first, then test images, and after them room for ``spare`` images that are not of it.

    ``images`` is a buffer of packed bytes, ``words`` of four a sample; ``indices`` one of labels, of the epoch's order, which begins at
    ``order_at``, and of every sample in its place, for evaluation.
    """

    def __init__(self, gpu: Any, dataset: Dataset, spare: int) -> None:
        usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_DST
        self._queue = gpu.queue
        self.count, self.height, self.width = len(dataset.train) + len(dataset.test), dataset.height, dataset.width
        self.words, places = padded(dataset.inputs) // 4, self.count + spare
        self.images = create_buffer(gpu, "images", places * self.words * 4, usage)
        self.write_images(0, dataset.train.images)
        self.write_images(len(dataset.train), dataset.test.images)
        self.order_at, self._everything_at = places, places + len(dataset.train)
        self.labels = np.concatenate([dataset.train.labels, dataset.test.labels]).astype(np.uint32)
        """Of all samples: [count]."""
        indices = np.zeros(self._everything_at + places, np.uint32)
        indices[: self.count] = self.labels
        indices[self.order_at : self._everything_at] = np.arange(len(dataset.train))
        indices[self._everything_at :] = np.arange(places)
        self.indices = create_buffer(gpu, "indices", indices.nbytes, usage)
        self._queue.write_buffer(self.indices, 0, indices)

    def write_images(self, first: int, images: npt.NDArray[np.uint8]) -> None:
        """Puts images [n, inputs] in the places from ``first`` on."""
        width = self.words * 4
        if width != images.shape[1]:
            images = np.pad(images, ((0, 0), (0, width - images.shape[1])))
        self._queue.write_buffer(self.images, first * width, np.ascontiguousarray(images))

    def set_order(self, order: npt.NDArray[np.uint32]) -> None:
        """The order of the training samples, which ``Step.first`` points into."""
        self._queue.write_buffer(self.indices, self.order_at * 4, np.ascontiguousarray(order, np.uint32))

    def in_place(self, sample: int) -> int:
        """The ``Step.first`` that takes the samples from this one on, not in the epoch's order but in their own."""
        return self._everything_at - self.order_at + sample
