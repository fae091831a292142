"""The checkpoints that a run goes on from, beside its model file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from engine import network
from engine.backend import Device, Tally, TrainingState
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts
from engine.model_file import Content, parsed, part_of
from engine.storage import files, tensor_file
from engine.storage.tensor_file import LaterVersionError, ModelFileError, Shapes

CHECKPOINT_FILE = "checkpoint.safetensors"
PREVIOUS_CHECKPOINT_FILE = "checkpoint.previous.safetensors"


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
    """Finished epochs; of an ensemble, those of the member that was being trained."""
    step: int
    """Steps done in the epoch after them; the rest of that epoch is still to do."""
    rate: float
    """``Schedule.rate`` after the finished epochs."""
    validation: tuple[tuple[float | None, float | None], ...]
    """Validation accuracy and loss of each finished epoch, for ``EarlyStopping.observe``."""
    partial: Tally
    """Training loss and hits of the steps done in the unfinished epoch."""
    partial_seconds: float
    """Their training time."""
    member: int = 0
    """Of an ensemble, the members before the one that all this is about; they are in the model file."""
    epochs_before: int = 0
    """Their epochs."""


class _CheckpointContent(Content):
    device: Device
    plan: dict[str, Any]
    step: int = Field(ge=0)
    rate: float = Field(ge=0)
    validation: tuple[tuple[float | None, float | None], ...]
    partial_loss: float
    partial_correct: int = Field(ge=0)
    partial_samples: int = Field(ge=0)
    partial_seconds: float = Field(ge=0)
    member: int = Field(0, ge=0)
    epochs_before: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.validation) != self.epoch:
            raise ValueError("validation has to have an entry for each epoch")
        if self.member >= self.hyperparameters.ensemble.members:
            raise ValueError(f"member {self.member + 1} of {self.hyperparameters.ensemble.members}")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The buffers of the training state that there are."""
        return ("parameters", "first_moment", "second_moment", *(("average",) if self.hyperparameters.training.averaging else ()))


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
        member=checkpoint.member,
        epochs_before=checkpoint.epochs_before,
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
        content = parsed(path, _CheckpointContent, plain)
        shapes = network.tensor_shapes(content.network)
        return content, {f"{part}.{name}": shape for part in content.parts for name, shape in shapes.items()}

    content, tensors = tensor_file.read(path, "checkpoint", interpret)
    buffers = {name: network.from_tensors(content.network, part_of(tensors, f"{name}.")) for name in content.parts}
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
        partial=Tally(content.partial_loss, content.partial_correct, content.partial_samples),
        partial_seconds=content.partial_seconds,
        member=content.member,
        epochs_before=content.epochs_before,
    )
