"""The networks of a run that are trained already, and what they and the newest one make of the test digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dataset import Dataset
from engine.backend import Backend, TrainingState
from engine.checkpoint import Model
from engine.ensemble import tested
from engine.evaluation import Evaluation
from engine.model_file import Member
from engine.network import Floats
from engine.preprocessing import seen_dataset


def untrained_state(parameters: Floats, averaging: bool) -> TrainingState:
    """The state of a network that has not been trained: these parameters, a flat buffer, and moments of zero."""
    zeros = np.zeros_like(parameters)
    return TrainingState(parameters, zeros, zeros, parameters if averaging else None)


class Committee:
    """The members of an ensemble that are trained so far. Of a network that is trained alone, there are none.

    The members are tested with the test digits of ``dataset``, each as it sees them.
    """

    def __init__(self, backend: Backend, dataset: Dataset) -> None:
        self.finished: Sequence[Member] = ()
        """The members whose training is over, in order."""
        self._backend, self._dataset = backend, dataset
        self._known: list[tuple[Floats, Floats]] = []
        """Parameters that were tested before, and their raw outputs for the test digits, so that no member is tested twice."""

    def model(self, newest: Model) -> Model:
        """The model that the finished members and ``newest``, a model of one network, make up together."""
        return newest.of((*self.finished, *newest.networks)) if self.finished else newest

    def test(self, model: Model) -> tuple[Model, Evaluation]:
        """The model with its figures over the test digits in each of its networks, and the evaluation of all of them together.

        Leaves the device with other parameters than it had. Raises DeviceError.
        """
        return tested(model, [self._outputs(model, number) for number in range(len(model.networks))], self._dataset.test.labels)

    def _outputs(self, model: Model, number: int) -> Floats:
        parameters = model.networks[number].parameters
        for known, outputs in self._known:
            if known is parameters:
                return outputs
        self._backend.set_state(untrained_state(parameters, bool(model.hyperparameters.training.averaging)))
        outputs = self._backend.outputs(seen_dataset(self._dataset, model.views[number].deskew).test.images)
        self._known.append((parameters, outputs))
        return outputs
