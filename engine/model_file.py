"""Model files: a model in safetensors, whole and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from engine import network
from engine.hyperparameters.definitions import MAXIMUM_MEMBERS, Hyperparameters
from engine.model import DatasetFacts, Member, Model, Strict
from engine.network import Floats, Network
from engine.storage import tensor_file
from engine.storage.tensor_file import ModelFileError, Shapes, Tensors

MODEL_FILE = "model.safetensors"


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
