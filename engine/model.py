"""A trained network, or an ensemble of them, with what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, Dataset, registry
from engine import inference, network
from engine.data.preprocessing import View
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network
from engine.storage import tensor_file
from engine.storage.tensor_file import ModelFileError


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not a line of text")
    return text


Text = Annotated[str, Field(max_length=4096), AfterValidator(_printable)]


class Strict(BaseModel):
    """Content of a file: nothing but what belongs there."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DatasetFacts(Strict):
    """What a model knows of the data that it was trained on: sizes in pixels, the classes' names, SHA-256 in hexadecimal."""

    name: Text
    path: Text = ""
    """The directory that it came from; empty for a registered data set, which is found by its name, and where it cannot be written."""
    fingerprint: Text
    height: int = Field(ge=1, le=MAXIMUM_SIDE)
    width: int = Field(ge=1, le=MAXIMUM_SIDE)
    classes: Annotated[tuple[Text, ...], Field(min_length=2, max_length=MAXIMUM_CLASSES)]

    @classmethod
    def of(cls, dataset: Dataset) -> DatasetFacts:
        path = "" if registry.is_registered(dataset) or not dataset.path.isprintable() else dataset.path
        return cls(
            name=tensor_file.shown(dataset.name),
            path=path,
            fingerprint=dataset.fingerprint,
            height=dataset.height,
            width=dataset.width,
            classes=dataset.classes,
        )

    @property
    def summary(self) -> dict[str, str]:
        """What a run's summary says of it."""
        return {"dataset": self.name, "dataset_path": self.path, "dataset_fingerprint": self.fingerprint}

    def load(self) -> Dataset:
        """The data again, if it is still there: it may have changed. Raises DatasetError."""
        return registry.load_again(self.name, self.path)

    def network(self, hyperparameters: Hyperparameters) -> Network:
        """The network that the hyperparameters describe for this data."""
        return network.build(hyperparameters.network, self.height * self.width, len(self.classes))


@dataclass(frozen=True, eq=False)
class Member:
    """One network of an ensemble. Figures are fractions and mean losses; None where they were not measured."""

    parameters: Floats
    """A flat buffer in the network's layout: [network.size]."""
    epoch: int
    """The epoch of the run that the parameters are of, from 1; the members' epochs count on."""
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    """Of this network alone, and so the next."""
    test_accuracy: float | None = None
    committee_loss: float | None = None
    """Over the test digits, of this network and the members before it together; and so the next."""
    committee_accuracy: float | None = None
    committee_validation_loss: float | None = None
    """The same over the validation part, and so the next."""
    committee_validation_accuracy: float | None = None
    own_epoch: int | None = None
    """``epoch`` as the member counts its own; None where that is not known, of older files."""


@dataclass(frozen=True, eq=False)
class Model:
    """A network with its parameters, or an ensemble, and where they come from. Figures are fractions and mean losses; None where they
    were not measured.
    """

    hyperparameters: Hyperparameters
    network: Network
    parameters: Floats
    """A flat buffer in the network's layout: [network.size]. Of an ensemble, those of its newest member."""
    dataset: DatasetFacts
    epoch: int
    """The epoch that the parameters are of, from 1."""
    validation_loss: float | None = None
    """After that epoch; of an ensemble, that of all members together; and so the next three."""
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    members: tuple[Member, ...] = ()
    """The networks of an ensemble, in the order of training; none of a network alone."""
    own_epoch: int | None = None
    """As in ``Member``; None of a network alone is ``epoch``."""

    @property
    def networks(self) -> tuple[Member, ...]:
        """The members, or the one network."""
        return self.members or (
            Member(
                self.parameters,
                self.epoch,
                self.validation_loss,
                self.validation_accuracy,
                self.test_loss,
                self.test_accuracy,
                self.test_loss,
                self.test_accuracy,
                self.validation_loss,
                self.validation_accuracy,
                self.own_epoch or self.epoch,
            ),
        )

    @property
    def known_validation_accuracy(self) -> float | None:
        """The validation accuracy; while a member of an ensemble is trained, that of the members before it together."""
        measured = [each.committee_validation_accuracy for each in self.networks if each.committee_validation_accuracy is not None]
        return measured[-1] if measured else None

    def of(self, networks: Sequence[Member]) -> Model:
        """The model that these networks, at least one, make up instead."""
        newest, is_alone = networks[-1], len(networks) == 1
        return replace(
            self,
            parameters=newest.parameters,
            epoch=newest.epoch,
            own_epoch=newest.own_epoch,
            validation_loss=newest.validation_loss if is_alone else newest.committee_validation_loss,
            validation_accuracy=newest.validation_accuracy if is_alone else newest.committee_validation_accuracy,
            test_loss=newest.committee_loss,
            test_accuracy=newest.committee_accuracy,
            members=() if is_alone else tuple(networks),
        )

    def outputs(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Outputs for images [n, inputs], such that ``inference.probabilities`` makes probabilities of them: [n, classes]."""
        return self.together(self.each_outputs(images))

    def each_outputs(self, images: npt.NDArray[np.uint8]) -> list[Floats]:
        """Raw outputs of each network for images [n, inputs]: [n, classes] each."""
        views = self.views
        seen = {view: view.seen(images) for view in dict.fromkeys(views)}
        found = zip(self.networks, views, strict=True)
        return [inference.outputs(self.network, member.parameters, seen[view]) for member, view in found]

    @property
    def views(self) -> tuple[View, ...]:
        """What each network sees of an image."""
        facts, deskews = self.dataset, self.hyperparameters.deskews
        return tuple(View(facts.height, facts.width, deskews(number)) for number in range(len(self.networks)))

    def together(self, outputs: Sequence[Floats]) -> Floats:
        """One prediction of those of all networks, as ``each_outputs`` gives them."""
        return inference.together(outputs, self.network.loss)

    def agreeing(self, outputs: Sequence[Floats]) -> npt.NDArray[np.intp]:
        """How many of the networks, whose ``each_outputs`` these are, take each image for what all together take it for: [n]."""
        taken = self.together(outputs).argmax(axis=1)
        votes: npt.NDArray[np.intp] = np.stack([each.argmax(axis=1) == taken for each in outputs]).sum(axis=0)
        return votes

    @property
    def stage(self) -> str:
        """Which of the models of its run it is, in words."""
        return f"{len(self.members)} members, {self.moment}" if self.members else self.moment

    @property
    def moment(self) -> str:
        """The epoch that the parameters are of, in words: of an ensemble, as the newest member counts it."""
        return f"epoch {self.own_epoch} of member {len(self.members)}" if self.members and self.own_epoch else f"epoch {self.epoch}"

    @property
    def newest(self) -> str:
        """Which network ``parameters`` are of, in words."""
        return f"member {len(self.members)}, epoch {self.own_epoch or self.epoch}" if self.members else self.moment

    def check_fit(self, dataset: Dataset) -> None:
        """Raises ModelFileError where the network cannot look at this data: other sizes, or another number of classes."""
        own, other = ((item.height, item.width, len(item.classes)) for item in (self.dataset, dataset))
        if own != other:
            wanted, found = (f"{height}x{width} pixels in {classes} classes" for height, width, classes in (own, other))
            raise ModelFileError(
                f"the model wants {wanted}, the data set {dataset.name} has {found}", f"Use the data set {self.dataset.name}."
            )
