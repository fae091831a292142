"""Files of other versions of digits-tui. ``golden/N`` is a run of format version N, interrupted after the second of its three epochs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dataset import Dataset
from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.model_file import load_model
from engine.runs.history import read_hyperparameters
from engine.runs.metrics import read_metrics
from engine.runs.summary import read_summary
from engine.storage.tensor_file import FORMAT_VERSION, METADATA_KEY, ModelFileError
from tests.faults.training import Training
from tests.tensor_headers import rewrite

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = [int(directory.name) for directory in sorted(GOLDEN.iterdir())]


def test_every_version_so_far_is_kept() -> None:
    assert list(range(1, FORMAT_VERSION + 1)) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_of_an_earlier_version_is_read_and_gone_on_with(tmp_path: Path, digits: Dataset, version: int) -> None:
    path = shutil.copytree(GOLDEN / str(version), tmp_path / "golden")
    summary = read_summary(path)
    assert (summary.state, summary.epochs, summary.best_epoch, summary.problem) == ("interrupted", 2, 2, "")
    assert (summary.dataset, summary.dataset_fingerprint) == ("digits", digits.fingerprint)
    assert [epoch.epoch for epoch in read_metrics(path)] == [1, 2]
    values = read_hyperparameters(path)
    model, (checkpoint, note) = load_model(path), load_checkpoint(path)
    assert model.hyperparameters == checkpoint.hyperparameters == values
    assert (values.network.hidden, values.training.averaging, values.learning_rate.restart.interval) == ((2,), 0.9, 3)
    assert (model.epoch, checkpoint.epoch, checkpoint.step, checkpoint.rate, note) == (2, 2, 0, pytest.approx(0.00729), "")
    assert checkpoint.state.average is not None
    assert model.parameters.tobytes() == checkpoint.state.average.tobytes()
    resumed = Training(tmp_path, digits, name="golden")
    assert resumed.go_on() == "epochs"
    assert read_summary(path).state == "finished"
    assert [epoch.epoch for epoch in read_metrics(path)] == [1, 2, 3]


def of_a_later_version(path: Path) -> None:
    def change(header: dict[str, Any]) -> None:
        document = json.loads(header["__metadata__"][METADATA_KEY])
        document |= {"format_version": FORMAT_VERSION + 1, "content": {"what": ["nobody", "knows"]}}
        header["__metadata__"][METADATA_KEY] = json.dumps(document)

    rewrite(path, change)


def test_a_later_version_is_refused_by_its_number(tmp_path: Path) -> None:
    path = shutil.copytree(GOLDEN / str(FORMAT_VERSION), tmp_path / "golden")
    for name, load in (("model", load_model), ("checkpoint", load_checkpoint)):
        of_a_later_version(path / f"{name}.safetensors")
        with pytest.raises(ModelFileError, match=f"has format version {FORMAT_VERSION + 1}") as caught:
            load(path)
        assert "Update digits-tui" in caught.value.advice


def test_a_checkpoint_of_a_later_version_is_not_passed_over_for_the_one_before(tmp_path: Path) -> None:
    path = shutil.copytree(GOLDEN / str(FORMAT_VERSION), tmp_path / "golden")
    save_checkpoint(path, load_checkpoint(path)[0])
    assert (path / "checkpoint.previous.safetensors").exists()
    of_a_later_version(path / "checkpoint.safetensors")
    with pytest.raises(ModelFileError, match="format version"):
        load_checkpoint(path)
