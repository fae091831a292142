"""What a network sees of the digits."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np

from dataset import Dataset, Split
from engine.data.deskew import Images, deskewed, sheared, slant
from engine.network import Floats

_latest: list[tuple[Dataset, Dataset]] = []
"""A data set, and the same deskewed: the trials of a sweep ask again and again."""
_lock = threading.Lock()
"""A worker of a cluster may train in several threads."""


@dataclass(frozen=True)
class View:
    """How one network sees images [n, height * width]: as they are, or, with ``deskew``, without their slant."""

    height: int
    width: int
    deskew: bool

    def seen(self, images: Images) -> Images:
        """The images as they go into the network: [n, height * width]."""
        return deskewed(images, self.height, self.width) if self.deskew else images

    def seen_image(self, image: Images) -> Images:
        """The same of one image: [height, width]."""
        return self.seen(image.reshape(1, -1)).reshape(image.shape)

    def traced(self, values: Floats, images: Images) -> Floats:
        """``values``, one for each pixel that the network sees, such as its saliency, moved to where the pixels are in ``images``: what
        deskewing took from an image is given back to its values. [n, height * width] each, and so the result.
        """
        if not self.deskew:
            return values
        shape = (-1, self.height, self.width)
        back = sheared(values.reshape(shape), slant(images.reshape(shape)).opposite)
        return back.astype(np.float32).reshape(values.shape)


def seen_dataset(dataset: Dataset, deskew: bool) -> Dataset:
    """The data set as a network sees it that sees digits deskewed, or not. The same object where it is asked for again."""
    if not deskew:
        return dataset
    with _lock:
        if not _latest or _latest[0][0] is not dataset:
            view = View(dataset.height, dataset.width, deskew)
            train, test = (Split(view.seen(part.images), part.labels) for part in (dataset.train, dataset.test))
            _latest[:] = [(dataset, replace(dataset, train=train, test=test))]
        return _latest[0][1]
