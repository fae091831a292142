"""What a network sees of a drawing, and what it takes it for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dataset import image
from engine import inference
from engine.model import Model
from tui.digits.gallery import Look
from tui.drawing.strokes import Levels


@dataclass(frozen=True, eq=False)
class Sight:
    image: npt.NDArray[np.uint8]
    """[height, width], cropped, scaled and centred."""
    seen: npt.NDArray[np.uint8]
    """[height, width], the same as the network, or the first of several, looks at it."""
    is_deskewed: bool
    look: Look | None
    """None without a model, and where nothing is drawn."""


def look_at(levels: Levels, height: int, width: int, model: Model | None) -> Sight:
    """For a thread: the largest networks take their time."""
    fitted = image.fit(levels / 255, height, width)
    if model is None or not fitted.any():
        return Sight(fitted, fitted, False, None)
    each = model.each_outputs(fitted.reshape(1, -1))
    outputs = model.together(each)
    probabilities = inference.probabilities(outputs, model.network.loss)
    look = Look(outputs[0], probabilities[0], int(model.agreeing(each)[0]), len(each))
    view = model.views[0]
    return Sight(fitted, view.seen_image(fitted), view.deskew, look)
