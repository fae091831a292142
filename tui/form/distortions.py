"""What augmentation makes of a digit with the values in the form. Knows no widgets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine import counter_random
from engine.backends.cpu.augmentation import Augmenter
from engine.data.preprocessing import View
from engine.hyperparameters.regularization import Augmentation
from tui.form.draft import Draft

COUNT = 8
STEPS = {
    "augmentation.rotation": 1.0,
    "augmentation.scale": 0.01,
    "augmentation.shear": 0.01,
    "augmentation.shift": 0.25,
    "augmentation.elastic_alpha": 1.0,
    "augmentation.elastic_sigma": 0.25,
}
"""By how much a key changes a value."""
KEYS = tuple(STEPS)


def stepped(draft: Draft, key: str, by: int) -> float:
    """The form's value, or the preset's where that is none, some steps up or down, but not below 0."""
    entry = draft.entry(key)
    value = float(entry) if key not in draft.problems else float(draft.base_text(key))
    return max(0.0, round(value + by * STEPS[key], 6))


def is_deskewed(draft: Draft) -> bool:
    """Whether the form has the network, or the first member of an ensemble, see digits deskewed before they are distorted."""
    values = draft.values
    return bool(draft.entry("preprocessing.deskew")) if values is None else values.deskews(0)


def seen_otherwise(draft: Draft) -> str:
    """Which members of an ensemble see digits deskewed, where that is not shown, in a sentence; empty where there are none."""
    values = draft.values
    if values is None or is_deskewed(draft) or not (count := values.ensemble.deskewed):
        return ""
    return "the last member sees digits deskewed" if count == 1 else f"the last {count} members see digits deskewed"


def distorted(draft: Draft, image: npt.NDArray[np.uint8], number: int) -> npt.NDArray[np.uint8]:
    """The image as the network sees it, and its distortions of draw ``number``: [1 + COUNT, height, width]; alone where a value in the
    form is wrong.
    """
    height, width = image.shape
    seen = View(height, width, is_deskewed(draft)).seen_image(image)
    if any(key in draft.problems for key in KEYS):
        return seen[np.newaxis]
    values = Augmentation(**{key.rpartition(".")[2]: draft.entry(key) for key in KEYS})
    step_key = counter_random.key(0, counter_random.Stream.AUGMENTATION, number)
    drawn = Augmenter(values, height, width).distorted(np.repeat(seen.reshape(1, -1), COUNT, axis=0), step_key)
    return np.concatenate([seen[np.newaxis], np.rint(drawn * 255).astype(np.uint8).reshape(COUNT, height, width)])
