"""The file of an ensemble: all members come back to the bit, and what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import network
from engine.hyperparameters.configuration import from_plain
from engine.model import DatasetFacts, Member, Model
from engine.model_file import load_model, save_model
from engine.network import Floats
from engine.storage.tensor_file import ModelFileError
from tests.tensor_headers import crafted

FACTS = DatasetFacts(name="tiny", fingerprint="0" * 64, height=2, width=3, classes=("a", "b"))
HYPERPARAMETERS = from_plain({"network": {"hidden": [3]}, "ensemble": {"members": 3}})
NETWORK = FACTS.network(HYPERPARAMETERS)


def parameters(seed: int) -> Floats:
    return network.initial_parameters(NETWORK, HYPERPARAMETERS.network.initializer, seed)


MEMBERS = [
    Member(parameters(0), 4, 0.5, 0.75, 0.25, 0.875, 0.25, 0.875, 0.5, 0.75, 4),
    Member(parameters(1), 9, 0.5, 0.5, 1 / 3, 0.75, 0.2, 0.9, 0.3, 0.8, 5),
]
MODEL = Model(HYPERPARAMETERS, NETWORK, parameters(0), FACTS, 4).of(MEMBERS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(path, MODEL)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    assert caught.value.message.startswith(str(path)) and caught.value.advice
    return caught.value.message


def test_all_members_come_back_to_the_bit(file: Path) -> None:
    found = load_model(file)
    for own, other in zip(found.members, MEMBERS, strict=True):
        assert own.parameters.tobytes() == other.parameters.tobytes()
        assert replace(own, parameters=other.parameters).__dict__ == other.__dict__
    assert (found.epoch, found.validation_accuracy, found.test_loss, found.test_accuracy) == (9, 0.8, 0.2, 0.9)
    assert found.parameters.tobytes() == MEMBERS[1].parameters.tobytes(), "those of the newest"
    assert (found.stage, found.newest) == ("2 members, epoch 5 of member 2", "member 2, epoch 5")
    images = np.arange(12, dtype=np.uint8).reshape(2, 6)
    assert found.outputs(images).tobytes() == MODEL.outputs(images).tobytes()


def test_a_file_from_before_members_were_validated_together_is_read(file: Path) -> None:
    def as_before(content: dict[str, Any]) -> None:
        content |= {"validation_accuracy": 0.5, "validation_loss": 0.5}  # the last member's
        for member in content["members"]:
            del member["committee_validation_loss"], member["committee_validation_accuracy"], member["own_epoch"]

    crafted(file, as_before)
    found = load_model(file)
    assert (found.validation_accuracy, found.members[1].committee_validation_accuracy) == (None, None)
    assert (found.members[1].validation_accuracy, found.test_accuracy) == (0.5, 0.9)
    assert (found.stage, found.newest) == ("2 members, epoch 9", "member 2, epoch 9"), "as the run counts"
    assert found.of(found.members[:1]).validation_accuracy == 0.75, "one network alone"


def test_a_single_network_is_stored_as_ever(file: Path) -> None:
    save_model(file, MODEL.of(MEMBERS[:1]))
    found = load_model(file)
    assert found.members == () and (found.epoch, found.test_accuracy) == (4, 0.875)
    [only] = found.networks
    assert replace(only, parameters=MEMBERS[0].parameters).__dict__ == MEMBERS[0].__dict__


def test_files_cut_short_and_flipped_bits_are_refused(file: Path) -> None:
    raw = file.read_bytes()
    for place in range(0, len(raw), 13):
        file.write_bytes(raw[:place])
        refusal(file)
        file.write_bytes(raw[:place] + bytes([raw[place] ^ 16]) + raw[place + 1 :])
        refusal(file)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda content: content["members"].append(content["members"][0]), "lacks a tensor 'members.2.layers.0.bias'"),
        (lambda content: content["members"].clear(), "lacks a tensor 'layers.0.bias'"),
        (lambda content: content["members"].pop(), "1 members, where its hyperparameters ask for 3"),
        (lambda content: content["members"].extend(2 * content["members"]), "6 members, where its hyperparameters ask for 3"),
        (lambda content: content["members"].extend(100 * content["members"]), "members: Tuple should have at most 25 items"),
        (lambda content: content["members"][1].update(epoch=-1), "members.1.epoch"),
        (lambda content: content["members"][1].update(vote=2), "members.1.vote"),
        (lambda content: content["hyperparameters"]["ensemble"].update(members=26), "hyperparameters.ensemble.members"),
    ],
)
def test_members_that_do_not_fit_are_refused_by_name(file: Path, change: Callable[[dict[str, Any]], object], why: str) -> None:
    crafted(file, change)
    assert why in refusal(file)
