"""An epoch while it is being trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.backend import NOTHING, Tally
from engine.steps import Steps


@dataclass
class UnfinishedEpoch:
    """How far the epoch is, and its training loss and hits so far."""

    number: int
    """From 1, counted through the members of an ensemble."""
    steps: Steps
    """All its steps: [steps]."""
    rates: npt.NDArray[np.float64]
    """Their learning rates: [steps]."""
    done: int = 0
    """How many of them are done."""
    seconds: float = 0.0
    """What they took, of training alone."""
    before: Tally = NOTHING
    """Loss and hits of the steps that the backend no longer counts: those before a resumption, or before it was made ready anew."""
    tally: Tally = NOTHING
    """Loss and hits of all steps that are done."""

    @property
    def samples_per_second(self) -> float | None:
        return self.tally.samples / self.seconds if self.seconds else None
