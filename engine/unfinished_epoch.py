"""An epoch while it is being trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.backend import NOTHING, Metrics


@dataclass
class UnfinishedEpoch:
    """How far it is, and what it gave so far."""

    number: int
    steps: Any
    """All its steps, [steps] of STEP."""
    rates: npt.NDArray[np.float64]
    done: int = 0
    seconds: float = 0.0
    before: Metrics = NOTHING
    """What the steps done before a resumption gave."""
    metrics: Metrics = NOTHING

    @property
    def samples_per_second(self) -> float | None:
        return self.metrics.samples / self.seconds if self.seconds else None
