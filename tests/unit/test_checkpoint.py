"""Model files and checkpoints: what is written is read back to the bit, and nothing else is read at all."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from engine import network
from engine.backend import Device, Tally, TrainingState
from engine.checkpoint import Checkpoint, has_checkpoint, load_checkpoint, save_checkpoint
from engine.hyperparameters.configuration import from_plain
from engine.model import DatasetFacts, Model
from engine.model_file import load_model, save_model
from engine.network import Floats
from engine.storage.tensor_file import ModelFileError
from tests.tensor_headers import rewrite

FACTS = DatasetFacts(name="tiny", fingerprint="0" * 64, height=2, width=3, classes=("a", "b"))
HYPERPARAMETERS = from_plain({"network": {"hidden": [3], "layer_norm": True}, "training": {"averaging": 0.9}})
NETWORK = FACTS.network(HYPERPARAMETERS)


def numbers(seed: int) -> Floats:
    """A flat buffer with something in every parameter and zeros in the padding."""
    generator = np.random.default_rng(seed)
    shapes = network.tensor_shapes(NETWORK)
    return network.from_tensors(NETWORK, {name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()})


MODEL = Model(HYPERPARAMETERS, NETWORK, numbers(0), FACTS, 7, validation_loss=0.25, validation_accuracy=0.5, test_accuracy=1 / 3)
CHECKPOINT = Checkpoint(
    hyperparameters=HYPERPARAMETERS,
    dataset=FACTS,
    device=Device(1, "GPU", "discrete", "wgpu", "Vulkan"),
    plan={"name": "layered", "tiles": {"lanes": 8}},
    state=TrainingState(*(numbers(seed) for seed in range(4))),
    epoch=2,
    step=5,
    rate=0.1 + 0.2,
    validation=((0.5, 1 / 3), (None, None)),
    partial=Tally(1 / 7, 3, 9),
    partial_seconds=0.7,
)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(path, MODEL)
    return path


def refused(path: Path) -> ModelFileError:
    """The one sentence with which a file is refused."""
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    assert "\n" not in caught.value.message
    assert caught.value.advice
    return caught.value


def test_a_model_comes_back_to_the_bit(model_file: Path) -> None:
    found = load_model(model_file)
    assert found.parameters.tobytes() == MODEL.parameters.tobytes()
    assert replace(found, parameters=MODEL.parameters).__dict__ == MODEL.__dict__
    assert load_model(model_file.parent).epoch == 7, "a run's directory does as well"


def test_other_programs_find_the_named_tensors(model_file: Path) -> None:
    tensors = safetensors.numpy.load_file(model_file)
    assert {name: tensor.shape for name, tensor in tensors.items()} == network.tensor_shapes(NETWORK)
    assert tensors["layers.0.weight"].shape == (3, 6)


def test_every_truncation_is_refused(model_file: Path) -> None:
    raw = model_file.read_bytes()
    for length in range(len(raw)):
        model_file.write_bytes(raw[:length])
        refused(model_file)
    model_file.write_bytes(raw + b"\0")
    refused(model_file)


def test_a_flipped_bit_at_every_byte_is_refused(model_file: Path) -> None:
    raw = model_file.read_bytes()
    for position in range(len(raw)):
        damaged = bytearray(raw)
        damaged[position] ^= 1 << position % 8
        model_file.write_bytes(damaged)
        refused(model_file)


OTHER_SHAPE = "layers.0.weight is not float32 of shape 3x6"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"shape": [50_000, 50_000], "data_offsets": [0, 10**10]}, OTHER_SHAPE),
        ({"dtype": "F16"}, OTHER_SHAPE),
        ({"shape": [6, 3]}, OTHER_SHAPE),
        ({"data_offsets": [0, 4]}, "is damaged"),
        ({"data_offsets": [-8, 64]}, "is damaged"),
    ],
)
def test_a_tensor_that_does_not_fit_the_hyperparameters_is_refused(model_file: Path, change: dict[str, Any], why: str) -> None:
    rewrite(model_file, lambda header: header["layers.0.weight"].update(change))
    assert why in refused(model_file).message


def test_a_tensor_too_few_or_too_many_is_refused(model_file: Path) -> None:
    rewrite(model_file, lambda header: header.update(extra={"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}))
    assert "has no use for a tensor 'extra'" in refused(model_file).message
    rewrite(model_file, lambda header: (header.pop("extra"), header.pop("layers.1.bias")))
    assert "lacks a tensor 'layers.1.bias'" in refused(model_file).message


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(model_file: Path, poison: float) -> None:
    parameters = MODEL.parameters.copy()
    parameters[0] = poison
    save_model(model_file, replace(MODEL, parameters=parameters))
    assert "layers.0.weight holds numbers that are not finite" in refused(model_file).message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 8,
        pickle.dumps({"weights": [1.0]}),
        (200_000).to_bytes(8, "little") + b"[" * 200_000,
        safetensors.numpy.save({"a": np.zeros(3)}),
    ],
    ids=["empty", "zeros", "pickle", "deep JSON", "foreign safetensors"],
)
def test_other_files_are_refused(model_file: Path, content: bytes) -> None:
    model_file.write_bytes(content)
    refused(model_file)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nothing.safetensors").message
    assert "holds no model.safetensors" in refused(tmp_path).message


def test_other_data_is_refused_in_a_sentence(model_file: Path, digits: Any) -> None:
    with pytest.raises(ModelFileError, match=re.escape("the model wants 2x3 pixels in 2 classes")):
        load_model(model_file).check_fit(digits)


def assert_equal(found: Checkpoint, expected: Checkpoint) -> None:
    for name, buffer in expected.state.__dict__.items():
        assert getattr(found.state, name).tobytes() == buffer.tobytes(), name
    assert replace(found, state=expected.state).__dict__ == expected.__dict__


def test_a_checkpoint_comes_back_to_the_bit(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, CHECKPOINT)
    found, note = load_checkpoint(tmp_path)
    assert_equal(found, CHECKPOINT)
    assert note == ""


def test_a_damaged_checkpoint_falls_back_on_the_one_before(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, CHECKPOINT)
    newest = save_checkpoint(tmp_path, replace(CHECKPOINT, epoch=3, validation=(*CHECKPOINT.validation, (0.5, 0.25))))
    assert load_checkpoint(tmp_path)[0].epoch == 3

    newest.write_bytes(newest.read_bytes()[:-1])
    found, note = load_checkpoint(tmp_path)
    assert_equal(found, CHECKPOINT)
    assert "is damaged" in note and "the checkpoint before it" in note

    newest.unlink()
    assert load_checkpoint(tmp_path)[0].epoch == 2, "killed between the two renames"


def test_a_run_without_a_usable_checkpoint_is_refused(tmp_path: Path) -> None:
    assert not has_checkpoint(tmp_path)
    with pytest.raises(ModelFileError, match="No such file"):
        load_checkpoint(tmp_path)
    save_model(tmp_path / "checkpoint.safetensors", MODEL)
    with pytest.raises(ModelFileError, match="holds a model, where a checkpoint is wanted"):
        load_checkpoint(tmp_path)
