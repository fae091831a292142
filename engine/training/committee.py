"""The networks of a run that are trained already, and what they and the newest one make of the digits that none is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dataset import Dataset
from engine.backend import Backend, TrainingState
from engine.data.preprocessing import seen_dataset
from engine.evaluation import Evaluation
from engine.model import Member, Model
from engine.network import Floats
from engine.training.ensemble import with_test_figures, with_validation_figures


class Committee:
    """The members of an ensemble that are trained so far. Of a network that is trained alone, there are none.

    The members are tested with the test digits of ``dataset``, and together with its training digits from ``validation`` on, the validation
    part, each as it sees them.
    """

    def __init__(self, backend: Backend, dataset: Dataset, validation: int) -> None:
        self.finished: Sequence[Member] = ()
        """The members whose training is over, in order."""
        self._backend, self._dataset, self._validation = backend, dataset, validation
        self._known: list[tuple[Floats, tuple[Floats, Floats | None]]] = []
        """Parameters that were tested before, with what ``_outputs`` found, so that no member is tested twice."""

    def model(self, newest: Model) -> Model:
        """The model that the finished members and ``newest``, a model of one network, make up together."""
        if not self.finished:
            return newest
        networks = [replace(each, committee_validation_loss=None, committee_validation_accuracy=None) for each in newest.networks]
        return newest.of((*self.finished, *networks))

    def test(self, model: Model) -> tuple[Model, Evaluation]:
        """The model with its figures over the test digits, and the validation part, in each of its networks; and the evaluation of all of
        them together on the test digits.

        Leaves the device with other parameters than it had. Raises DeviceError.
        """
        found = [self._outputs(model, number) for number in range(len(model.networks))]
        validation = [outputs for _, outputs in found if outputs is not None]
        if model.members and validation:
            model = with_validation_figures(model, validation, self._dataset.train.labels[self._validation :])
        return with_test_figures(model, self._dataset.test, [outputs for outputs, _ in found])

    def _outputs(self, model: Model, number: int) -> tuple[Floats, Floats | None]:
        """Raw outputs of a network for the test digits, and of an ensemble's for the validation part where there is one."""
        parameters = model.networks[number].parameters
        for known, found in self._known:
            if known is parameters:
                return found
        self._backend.set_state(TrainingState.untrained(parameters, bool(model.hyperparameters.training.averaging)))
        seen = seen_dataset(self._dataset, model.views[number].deskew)
        validates = model.hyperparameters.ensemble.members > 1 and self._validation < len(seen.train)
        found = self._backend.outputs(seen.test.images), self._backend.outputs(seen.train.images[self._validation :]) if validates else None
        self._known.append((parameters, found))
        return found
