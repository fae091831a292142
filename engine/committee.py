"""The networks of a run that are trained already, and what they and the newest one make of the test digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dataset import Split
from engine.backend import Backend, TrainingState
from engine.checkpoint import Model
from engine.ensemble import tested
from engine.evaluation import Evaluation
from engine.model_file import Member
from engine.network import Floats


def untrained_state(parameters: Floats, averaging: bool) -> TrainingState:
    """To begin training with, or to evaluate."""
    zeros = np.zeros_like(parameters)
    return TrainingState(parameters, zeros, zeros, parameters if averaging else None)


class Committee:
    """Where a network is trained alone, nothing but itself."""

    def __init__(self, backend: Backend, test: Split) -> None:
        self.finished: Sequence[Member] = ()
        """The members that are trained, in order."""
        self._backend, self._test = backend, test
        self._known: list[tuple[Floats, Floats]] = []
        """Parameters, and their outputs for the test digits."""

    def model(self, newest: Model) -> Model:
        """A network with the finished ones before it."""
        return newest.of((*self.finished, *newest.networks)) if self.finished else newest

    def test(self, model: Model) -> tuple[Model, Evaluation]:
        """The model with its figures over the test digits, and how good it is as a whole.

        Leaves the device with other parameters than it had. Raises DeviceError.
        """
        return tested(model, [self._outputs(model, number) for number in range(len(model.networks))], self._test.labels)

    def _outputs(self, model: Model, number: int) -> Floats:
        parameters = model.networks[number].parameters
        for known, outputs in self._known:
            if known is parameters:
                return outputs
        self._backend.set_state(untrained_state(parameters, bool(model.hyperparameters.training.averaging)))
        outputs = self._backend.outputs(model.views[number].seen(self._test.images))
        self._known.append((parameters, outputs))
        return outputs
