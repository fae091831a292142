"""Model files, and the checkpoints that a run goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, Dataset, registry
from engine import files, network, tensor_file
from engine.backend import Device, Metrics, TrainingState
from engine.hyperparameters import Hyperparameters
from engine.network import Floats, Network
from engine.tensor_file import FORMAT_VERSION, LaterVersionError, ModelFileError, Shapes, Tensors

__all__ = [
    "Checkpoint",
    "DatasetFacts",
    "Model",
    "ModelFileError",
    "has_checkpoint",
    "load_checkpoint",
    "load_model",
    "save_checkpoint",
    "save_model",
]

MODEL_FILE = "model.safetensors"
CHECKPOINT_FILE = "checkpoint.safetensors"
PREVIOUS_CHECKPOINT_FILE = "checkpoint.previous.safetensors"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not a line of text")
    return text


Text = Annotated[str, Field(max_length=4096), AfterValidator(_printable)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DatasetFacts(_Strict):
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
class Model:
    """A network with its parameters, and where they come from. Figures are fractions and mean losses; None where they were not measured."""

    hyperparameters: Hyperparameters
    network: Network
    parameters: Floats
    """A flat buffer in the network's layout: [network.size]."""
    dataset: DatasetFacts
    epoch: int
    """The epoch that the parameters are of, from 1."""
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    format_version: int = FORMAT_VERSION

    def check_fit(self, dataset: Dataset) -> None:
        """Raises ModelFileError where the network cannot look at this data: other sizes, or another number of classes."""
        own, other = ((item.height, item.width, len(item.classes)) for item in (self.dataset, dataset))
        if own != other:
            wanted, found = (f"{height}x{width} pixels in {classes} classes" for height, width, classes in (own, other))
            raise ModelFileError(
                f"the model wants {wanted}, the data set {dataset.name} has {found}", f"Use the data set {self.dataset.name}."
            )


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a run needs to go on as if it had never stopped."""

    hyperparameters: Hyperparameters
    """With the changes made while training."""
    dataset: DatasetFacts
    device: Device
    """What trained so far."""
    plan: dict[str, Any]
    """How, as ``Backend.plan``."""
    state: TrainingState
    epoch: int
    """Finished epochs."""
    step: int
    """Steps done in the epoch after them; the rest of that epoch is still to do."""
    rate: float
    """``Schedule.rate`` after the finished epochs."""
    validation: tuple[tuple[float | None, float | None], ...]
    """Validation accuracy and loss of each finished epoch, for ``EarlyStopping.observe``."""
    partial: Metrics
    """Training loss and hits of the steps done in the unfinished epoch."""
    partial_seconds: float
    """Their training time."""


class _Content(_Strict):
    hyperparameters: Hyperparameters
    dataset: DatasetFacts
    epoch: int = Field(ge=0)

    @property
    def network(self) -> Network:
        return self.dataset.network(self.hyperparameters)


class _ModelContent(_Content):
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None


class _CheckpointContent(_Content):
    device: Device
    plan: dict[str, Any]
    step: int = Field(ge=0)
    rate: float = Field(ge=0)
    validation: tuple[tuple[float | None, float | None], ...]
    partial_loss: float
    partial_correct: int = Field(ge=0)
    partial_samples: int = Field(ge=0)
    partial_seconds: float = Field(ge=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.validation) != self.epoch:
            raise ValueError("validation has to have an entry for each epoch")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The buffers of the training state that there are."""
        return ("parameters", "first_moment", "second_moment", *(("average",) if self.hyperparameters.training.averaging else ()))


ContentKind = TypeVar("ContentKind", bound=_Content)


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
    )
    tensor_file.write(path, "model", content.model_dump(mode="json"), network.to_tensors(model.network, model.parameters))


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
        content = _parsed(file, _ModelContent, plain)
        return content, network.tensor_shapes(content.network)

    content, tensors = tensor_file.read(file, "model", interpret)
    return Model(
        hyperparameters=content.hyperparameters,
        network=content.network,
        parameters=network.from_tensors(content.network, tensors),
        dataset=content.dataset,
        epoch=content.epoch,
        validation_loss=content.validation_loss,
        validation_accuracy=content.validation_accuracy,
        test_loss=content.test_loss,
        test_accuracy=content.test_accuracy,
    )


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> Path:
    """Writes a run's checkpoint and keeps the one before; the new file's path. Raises OSError."""
    path, state = directory / CHECKPOINT_FILE, checkpoint.state
    content = _CheckpointContent(
        hyperparameters=checkpoint.hyperparameters,
        dataset=checkpoint.dataset,
        device=checkpoint.device,
        plan=checkpoint.plan,
        epoch=checkpoint.epoch,
        step=checkpoint.step,
        rate=checkpoint.rate,
        validation=checkpoint.validation,
        partial_loss=checkpoint.partial.loss,
        partial_correct=checkpoint.partial.correct,
        partial_samples=checkpoint.partial.samples,
        partial_seconds=checkpoint.partial_seconds,
    )
    built = checkpoint.dataset.network(checkpoint.hyperparameters)
    buffers = {"parameters": state.parameters, "first_moment": state.first_moment, "second_moment": state.second_moment}
    if state.average is not None:
        buffers["average"] = state.average
    tensors = {f"{part}.{name}": tensor for part, flat in buffers.items() for name, tensor in network.to_tensors(built, flat).items()}
    if path.exists():
        files.replace(path, directory / PREVIOUS_CHECKPOINT_FILE)
    tensor_file.write(path, "checkpoint", content.model_dump(mode="json"), tensors)
    return path


def has_checkpoint(directory: Path) -> bool:
    """Whether a run has a checkpoint, whole or not."""
    return any((directory / name).exists() for name in (CHECKPOINT_FILE, PREVIOUS_CHECKPOINT_FILE))


def load_checkpoint(directory: Path) -> tuple[Checkpoint, str]:
    """A run's newest checkpoint that is whole, and a sentence on why it is not the newest file, or nothing. Raises ModelFileError where
    none is, or where the newest is of a later version.
    """
    newest, previous = directory / CHECKPOINT_FILE, directory / PREVIOUS_CHECKPOINT_FILE
    try:
        return _load_checkpoint(newest), ""
    except LaterVersionError:
        raise
    except ModelFileError as error:
        if not previous.exists():
            raise
        return _load_checkpoint(previous), f"{error.message}; going on from the checkpoint before it"


def _load_checkpoint(path: Path) -> Checkpoint:
    def interpret(plain: dict[str, Any]) -> tuple[_CheckpointContent, Shapes]:
        content = _parsed(path, _CheckpointContent, plain)
        shapes = network.tensor_shapes(content.network)
        return content, {f"{part}.{name}": shape for part in content.parts for name, shape in shapes.items()}

    content, tensors = tensor_file.read(path, "checkpoint", interpret)
    buffers = {part: network.from_tensors(content.network, _part(tensors, part)) for part in content.parts}
    return Checkpoint(
        hyperparameters=content.hyperparameters,
        dataset=content.dataset,
        device=content.device,
        plan=content.plan,
        state=TrainingState(buffers["parameters"], buffers["first_moment"], buffers["second_moment"], buffers.get("average")),
        epoch=content.epoch,
        step=content.step,
        rate=content.rate,
        validation=content.validation,
        partial=Metrics(content.partial_loss, content.partial_correct, content.partial_samples),
        partial_seconds=content.partial_seconds,
    )


def _part(tensors: Tensors, part: str) -> Mapping[str, Floats]:
    return {name.removeprefix(f"{part}."): tensor for name, tensor in tensors.items() if name.startswith(f"{part}.")}


def _parsed(path: Path, kind: type[ContentKind], plain: dict[str, Any]) -> ContentKind:
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelFileError(f"{path} cannot be used: {tensor_file.shown(where)}: {tensor_file.shown(first['msg'])}") from None
