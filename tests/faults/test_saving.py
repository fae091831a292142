"""Saving while the disk fails at each operation in turn, and while the writer is killed: nothing that was promised is ever lost."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataset import Dataset
from engine.backend import Device, Tally, TrainingState
from engine.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from engine.events import CheckpointWritten, EpochEnded, Hint
from engine.hyperparameters.configuration import from_plain
from engine.model import DatasetFacts, Model
from engine.model_file import load_model, save_model
from engine.network import to_tensors
from engine.runs.names import is_run
from engine.storage.files import remove_leftovers
from engine.storage.tensor_file import FORMAT_VERSION
from tests.faults.failing_disk import FailingDisk
from tests.faults.scale import scaled
from tests.faults.training import Training

SMALL, LARGE = 4, 64
"""Pixels on the side of an image. With the large ones a checkpoint has 46 MB."""
FACTS, LARGE_FACTS = (
    DatasetFacts(name="tiny", fingerprint="0" * 64, height=side, width=side, classes=("a", "b")) for side in (SMALL, LARGE)
)
ERRORS = [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES]
CREATION = ["create", "write", "write", "flush", "sync file"]


def checkpoint(step: int, hidden: int = 8, facts: DatasetFacts = FACTS) -> Checkpoint:
    """Every number of its state says of which step it is."""
    hyperparameters = from_plain({"network": {"hidden": [hidden]}, "training": {"averaging": 0.9}})
    buffer = np.full(facts.network(hyperparameters).size, step, np.float32)
    return Checkpoint(
        hyperparameters=hyperparameters,
        dataset=facts,
        device=Device(0, "Some CPU", "cpu", "cpu", "NumPy"),
        plan={"name": "numpy", "threads": 1},
        state=TrainingState(buffer, buffer, buffer, buffer),
        epoch=0,
        step=step,
        rate=0.1,
        validation=(),
        partial=Tally(0.5, 3, 9),
        partial_seconds=0.7,
    )


def step_of(found: Checkpoint) -> int:
    """The step of a checkpoint that is not a mixture of two."""
    network = found.dataset.network(found.hyperparameters)
    for part in vars(found.state).values():
        for name, tensor in to_tensors(network, part).items():
            assert (tensor == found.step).all(), name
    return found.step


def files_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_what_is_written_is_on_the_disk_before_its_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FailingDisk(monkeypatch, errno.EIO)
    save_checkpoint(tmp_path, checkpoint(1))
    assert disk.operations == [*CREATION, "rename to checkpoint.safetensors", "sync directory"]
    disk.fail_at(0)
    save_checkpoint(tmp_path, checkpoint(2))
    aside = ["rename to checkpoint.previous.safetensors", "sync directory"]
    assert disk.operations == [*aside, *CREATION, "rename to checkpoint.safetensors", "sync directory"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: errno.errorcode[error])
def test_a_checkpoint_survives_a_failure_of_every_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Of each operation alone, and of it and all that follow: the error is raised, and what was there can be read."""
    disk = FailingDisk(monkeypatch, error)
    for lasting in (False, True):
        number = 0
        while True:
            number += 1
            directory = tmp_path / f"{number} {lasting}"
            directory.mkdir()
            disk.fail_at(0)
            for step in (1, 2):
                save_checkpoint(directory, checkpoint(step))
            disk.fail_at(number, lasting)
            try:
                save_checkpoint(directory, checkpoint(3))
            except OSError as failure:
                assert failure.errno == error
            else:
                assert not disk.failed, "a failed operation is never called a success"
                break
            assert step_of(load_checkpoint(directory)[0]) >= 2
            assert not [name for name in files_in(directory) if name.endswith(".tmp")]
            disk.mend()
            save_checkpoint(directory, checkpoint(4))
            assert step_of(load_checkpoint(directory)[0]) == 4
            (directory / "checkpoint.safetensors").write_bytes(b"")
            assert step_of(load_checkpoint(directory)[0]) in (2, 3), "the one before is kept too"
        assert number == len(disk.operations) + 1 > 8


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_a_run_survives_a_failure_of_every_operation(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    """It ends as it would have, or with an error that says why; what it told of is there, and it can be gone on with to the same end."""
    changes = {"training.epochs": 2}
    whole = Training(tmp_path, digits, changes, name="whole")
    disk = FailingDisk(monkeypatch, errno.ENOSPC)
    assert whole.start() == "epochs"
    expected, operations = load_checkpoint(whole.path)[0].state.parameters.tobytes(), len(disk.operations)
    assert operations > 40
    for number in range(1, operations + 1, scaled(5, 1)):
        training = Training(tmp_path, digits, changes, name=f"{number}")
        disk.fail_at(number, lasting)
        try:
            training.start()
        except OSError as failure:
            assert failure.errno == errno.ENOSPC
        else:
            assert not lasting
            hints = [hint for hint in training.all(Hint) if hint.kind == "file"]
            assert len(hints) == len(disk.failed) == 1
            assert "No space left on device; training goes on" in hints[0].message
        disk.mend()
        if not is_run(training.path):
            assert not training.all(EpochEnded)
            continue
        told = [event.epoch for event in training.all(CheckpointWritten)]
        if told:
            assert load_checkpoint(training.path)[0].epoch >= told[-1]
            training.go_on()
            assert load_checkpoint(training.path)[0].state.parameters.tobytes() == expected
            assert training.model().parameters.tobytes() == whole.model().parameters.tobytes()
            assert not list(training.path.glob(".*.tmp"))


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="modes are POSIX")
def test_a_directory_that_may_not_be_written_to_is_an_error(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            save_checkpoint(tmp_path, checkpoint(1))
    finally:
        tmp_path.chmod(0o700)


def test_a_directory_that_is_gone_or_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(OSError):
            save_checkpoint(tmp_path / name, checkpoint(1))


@pytest.fixture
def two_generations(tmp_path: Path) -> Path:
    for step in (1, 2):
        save_checkpoint(tmp_path, checkpoint(step, hidden=1))
    return tmp_path


def damaged(whole: bytes) -> Iterator[bytes]:
    """Cut at every length, and with a bit turned in every byte but the version's number: a later version is no damage."""
    version = whole.index(b"format_version") + len('format_version\\": ')
    assert whole[version : version + 2] == b"%d," % FORMAT_VERSION
    every = scaled(5, 1)
    for length in range(0, len(whole), every):
        yield whole[:length]
    generator = random.Random(1)
    for place in set(range(0, len(whole), every)) - {version}:
        yield whole[:place] + bytes([whole[place] ^ 1 << generator.randrange(8)]) + whole[place + 1 :]


def test_every_damage_to_a_checkpoint_is_named_and_the_one_before_taken(two_generations: Path) -> None:
    path = two_generations / "checkpoint.safetensors"
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        found, note = load_checkpoint(two_generations)
        assert found.step == 1
        assert note.startswith(str(path)) and note.endswith("going on from the checkpoint before it")


WRITERS = """
import os, sys
from pathlib import Path
from tests.faults.test_saving import FACTS, LARGE_FACTS, checkpoint, save_checkpoint

for line in sys.stdin:
    size, first, directory = line.rstrip("\\n").split(" ", 2)
    child = os.fork()
    if child == 0:
        os.write(1, b"%d\\n" % os.getpid())
        for step in range(int(first), sys.maxsize):
            save_checkpoint(Path(directory), checkpoint(step, 700, LARGE_FACTS) if size == "large" else checkpoint(step))
            os.write(1, b"%d\\n" % step)
    os.waitpid(child, 0)
    os.write(1, b"-1\\n")
"""
"""Forks writers: each says who it is, then saves one checkpoint after the other, and says when it has."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")
@pytest.mark.parametrize(("size", "kills", "longest"), [("small", scaled(20, 200), 0.02), ("large", scaled(2, 200), 0.5)])
def test_a_writer_that_is_killed_at_any_moment_loses_nothing(tmp_path: Path, size: str, kills: int, longest: float) -> None:
    generator, step = random.Random(1), 0
    with subprocess.Popen([sys.executable, "-c", WRITERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writers:
        assert writers.stdin is not None and writers.stdout is not None
        for _ in range(kills):
            writers.stdin.write(f"{size} {step + 1} {tmp_path}\n".encode())
            writers.stdin.flush()
            child = int(writers.stdout.readline())
            promised = int(writers.stdout.readline())
            time.sleep(generator.uniform(0, longest))
            os.kill(child, signal.SIGKILL)
            while (said := int(writers.stdout.readline())) >= 0:
                promised = said
            step = step_of(load_checkpoint(tmp_path)[0])
            assert step >= promised
            remove_leftovers(tmp_path)
            assert files_in(tmp_path) <= {"checkpoint.safetensors", "checkpoint.previous.safetensors"}
        writers.stdin.close()


def test_a_model_survives_a_failure_of_every_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, source = tmp_path / "model.safetensors", checkpoint(1)
    network = FACTS.network(source.hyperparameters)
    model = Model(source.hyperparameters, network, source.state.parameters, FACTS, 1)
    save_model(path, model)
    disk = FailingDisk(monkeypatch, errno.ENOSPC)
    for number in range(1, 9):
        disk.fail_at(number)
        try:
            save_model(path, replace(model, epoch=1 + number))
        except OSError:
            assert load_model(path).epoch == (1 if number < 7 else 1 + number), "the old one, or the new one that is not known to last"
            assert files_in(tmp_path) == {path.name}
        else:
            assert number == 8
