"""Label smoothing: targets that leave a little for the other classes (Szegedy et al., 2016, section 7)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.network import Floats


def fill_targets(targets: Floats, labels: npt.NDArray[np.uint8], smoothing: float) -> None:
    """Fills ``targets`` [n, classes] with (1 - s) onehot(label) + s / classes for ``labels`` [n], where s is ``smoothing``."""
    targets.fill(smoothing / targets.shape[1])
    targets[np.arange(len(labels)), labels] += np.float32(1 - smoothing)
