"""Model files: one network, or an ensemble of them, with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, Dataset, registry
from engine import inference, network
from engine.data.preprocessing import View
from engine.hyperparameters.definitions import MAXIMUM_MEMBERS, Hyperparameters
from engine.network import Floats, Network
from engine.storage import tensor_file
from engine.storage.tensor_file import ModelFileError, Shapes, Tensors

MODEL_FILE = "model.safetensors"


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


class Content(Strict):
    """What all files say of a network."""

    hyperparameters: Hyperparameters
    dataset: DatasetFacts
    epoch: int = Field(ge=0)

    @property
    def network(self) -> Network:
        return self.dataset.network(self.hyperparameters)


class _MemberContent(Strict):
    epoch: int = Field(ge=0)
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    committee_loss: float | None
    committee_accuracy: float | None
    committee_validation_loss: float | None = None
    """None in older files, too, and so the next two."""
    committee_validation_accuracy: float | None = None
    own_epoch: int | None = Field(None, ge=0)


class _ModelContent(Content):
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    members: Annotated[tuple[_MemberContent, ...], Field(max_length=MAXIMUM_MEMBERS)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = len(self.members)
        if count == 1 or count > self.hyperparameters.ensemble.members:
            raise ValueError(f"{count} members, where its hyperparameters ask for {self.hyperparameters.ensemble.members}")
        return self

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of each network's tensors begin with."""
        return tuple(map(_prefix, range(len(self.members)))) or ("",)


ContentKind = TypeVar("ContentKind", bound=Content)


def _prefix(member: int) -> str:
    return f"members.{member}."


def save_model(path: Path, model: Model) -> None:
    """Writes a model file, whole or not at all. Raises OSError."""
    content = _ModelContent(
        hyperparameters=model.hyperparameters,
        dataset=model.dataset,
        epoch=model.epoch,
        validation_loss=model.validation_loss,
        validation_accuracy=model.validation_accuracy,
        test_loss=model.test_loss,
        test_accuracy=model.test_accuracy,
        members=tuple(_MemberContent(**{name: getattr(member, name) for name in _MemberContent.model_fields}) for member in model.members),
    )
    tensors = {
        prefix + name: tensor
        for prefix, member in zip(content.prefixes, model.networks, strict=True)
        for name, tensor in network.to_tensors(model.network, member.parameters).items()
    }
    tensor_file.write(path, "model", content.model_dump(mode="json"), tensors)


def load_model(path: Path) -> Model:
    """The model in a file, or in a run's directory. Raises ModelFileError for one that is not there, damaged, or does not fit its own
    hyperparameters.
    """
    file = path / MODEL_FILE if path.is_dir() else path
    if not file.is_file():
        if path.is_dir():
            raise ModelFileError(f"{path} holds no {MODEL_FILE}", "Give a run that has finished an epoch, or a model file.")
        raise ModelFileError(
            f"{path} {'is not a file' if path.exists() else 'does not exist'}", "`digits-tui runs` lists the runs there are."
        )

    def interpret(plain: dict[str, Any]) -> tuple[_ModelContent, Shapes]:
        content = parsed(file, _ModelContent, plain)
        shapes = network.tensor_shapes(content.network)
        return content, {prefix + name: shape for prefix in content.prefixes for name, shape in shapes.items()}

    content, tensors = tensor_file.read(file, "model", interpret)
    networks = [network.from_tensors(content.network, part_of(tensors, prefix)) for prefix in content.prefixes]
    found = Model(
        hyperparameters=content.hyperparameters,
        network=content.network,
        parameters=networks[-1],
        dataset=content.dataset,
        epoch=content.epoch,
        validation_loss=content.validation_loss,
        validation_accuracy=content.validation_accuracy,
        test_loss=content.test_loss,
        test_accuracy=content.test_accuracy,
    )
    members = [Member(parameters, **member.model_dump()) for parameters, member in zip(networks, content.members, strict=False)]
    return found.of(members) if members else found


def part_of(tensors: Tensors, prefix: str) -> Mapping[str, Floats]:
    """Those whose names begin with ``prefix``, by the rest of their names."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def parsed(path: Path, kind: type[ContentKind], plain: dict[str, Any]) -> ContentKind:
    """The content of the file at ``path``. Raises ModelFileError."""
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelFileError(f"{path} cannot be used: {tensor_file.shown(where)}: {tensor_file.shown(first['msg'])}") from None
