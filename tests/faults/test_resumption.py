"""Going on with a run where things are no longer as they were: data moved, another device, no checkpoint yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.commands import Configure, ListDevices, Shutdown, Stop, Train
from engine.model_file import load_model
from engine.runs.names import HYPERPARAMETERS_FILE, SUMMARY_FILE
from engine.runs.run import Run
from engine.runs.summary import read_summary
from tests.faults.support import WORKER, Worker, failed, small, started

VALUES = small(training__epochs=6)


@pytest.fixture
def data(digits_directory: Path, tmp_path: Path) -> Path:
    """A data set that a test may move. It is called as a registered one is, which must not matter."""
    return Path(shutil.copytree(digits_directory, tmp_path / "mnist"))


@pytest.fixture
def worker(data: Path, tmp_path: Path) -> Iterator[Worker]:
    """It has trained one run to its end, ``whole``, and stopped the same one, ``mine``, on its way."""
    with started(Configure(device="cpu", dataset=str(data), runs_directory=str(tmp_path / "runs"))) as worker:
        worker.send(Train(hyperparameters=VALUES, run_name="whole"))
        worker.until("finished")
        worker.send(Train(hyperparameters=VALUES, run_name="mine"))
        worker.until("epoch")
        worker.send(Stop())
        worker.until("finished")
        yield worker


def configure(worker: Worker, root: Path, **values: str) -> str:
    """Opens what is asked for; the name of the answer."""
    worker.send(Configure(runs_directory=str(root), **values))
    return str(worker.until("ready", "failed").name)


def test_a_run_brings_its_device_and_its_data(worker: Worker, data: Path, tmp_path: Path) -> None:
    with Worker(WORKER) as other:
        assert configure(other, tmp_path / "runs", run="mine") == "ready"
        [ready] = other.events
        assert (ready.device["backend"], ready.dataset["path"], ready.note) == ("cpu", str(data), "")
        assert ready.devices == [ready.device], "the CPU is enough: no time is spent on looking for adapters"
        other.send(Train(resume="mine"))
        other.until("finished")
        other.send(ListDevices())
        assert other.until("devices").devices[0] == ready.device
        other.send(Shutdown())
        other.end()
    assert load_model(tmp_path / "runs" / "mine").parameters.tobytes() == load_model(tmp_path / "runs" / "whole").parameters.tobytes()


def test_data_that_has_moved_is_named_and_may_be_opened_where_it_is(worker: Worker, data: Path, tmp_path: Path) -> None:
    moved = data.rename(tmp_path / "elsewhere")
    assert configure(worker, tmp_path / "runs", run="mine") == "failed"
    assert worker.events[-1].message == f"the data set mnist is no longer in {data}"
    assert configure(worker, tmp_path / "runs", run="mine", dataset=str(moved)) == "ready"
    worker.send(Train(resume="mine"))
    worker.until("finished")
    assert read_summary(tmp_path / "runs" / "mine").dataset_path == str(moved)
    assert load_model(tmp_path / "runs" / "mine").dataset.path == str(moved)


def test_another_device_is_refused_unless_it_is_named(worker: Worker, data: Path, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    checkpoint, _ = load_checkpoint(root / "mine")
    elsewhere = replace(checkpoint.device, name="Another CPU")
    save_checkpoint(root / "mine", replace(checkpoint, device=elsewhere))
    worker.send(Train(resume="mine"))
    assert worker.until("hint").message.startswith("the run goes on with another device"), "the device was named"
    worker.send(Stop())
    worker.until("finished")

    save_checkpoint(root / "mine", replace(load_checkpoint(root / "mine")[0], device=elsewhere))
    assert configure(worker, root, device="auto", dataset=str(data)) == "ready"
    worker.send(Train(resume="mine"))
    assert failed(worker, "device").message.startswith("the run mine was trained on Another CPU, and this is ")
    run = Run.open(root / "mine")
    run.write_summary(device=elsewhere.plain())
    run.close()
    assert configure(worker, root, run="mine") == "failed"
    assert worker.events[-1].message == "The run was trained on Another CPU, which is not here."
    assert "--device" in worker.events[-1].advice


def test_a_run_that_was_ended_before_its_first_checkpoint_begins_anew(worker: Worker, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    for file in (root / "mine").iterdir():
        if file.name not in (HYPERPARAMETERS_FILE, SUMMARY_FILE):
            file.unlink()
    run = Run.open(root / "mine")
    run.write_summary(state="running", epochs=0, device={}, plan={})
    run.close()
    assert configure(worker, root, run="mine") == "ready"
    worker.send(Train(resume="mine"))
    assert "begins anew" in worker.until("hint").message
    worker.until("finished")
    assert load_model(root / "mine").parameters.tobytes() == load_model(root / "whole").parameters.tobytes()


def test_a_run_that_lost_its_checkpoints_is_refused(worker: Worker, tmp_path: Path) -> None:
    for file in (tmp_path / "runs" / "mine").glob("checkpoint*"):
        file.unlink()
    worker.send(Train(resume="mine"))
    assert failed(worker, "configuration").message == "the run mine has no checkpoint to go on from"
