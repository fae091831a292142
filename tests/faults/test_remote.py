"""A worker that does not see the client's disk: what it trains is here too, and a connection that breaks is not the end of it."""

import base64
import hashlib
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from dataset import Dataset
from engine import events
from engine.checkpoint import load_checkpoint
from engine.events import EpochEnded, Hint, Started
from engine.hyperparameters import configuration
from engine.model_file import load_model
from engine.runs.courier import PIECE, Courier
from engine.runs.metrics import read_metrics
from engine.runs.summary import read_summary
from tests.faults.support import PATIENCE
from tests.faults.training import Training
from tests.tui.support import furnished, make_app, notifications, screen_text, stand_still, wait_for
from tui.cli import main
from tui.client import Status
from tui.processes import reconnection
from tui.processes.command import is_connection, worker_command
from tui.processes.mirror import AT_START, Mirror
from tui.processes.reconnection import Reconnection

FAR_WORKER = Path(__file__).with_name("far_worker.py")
COPIED = ("hyperparameters.toml", "metrics.csv", "summary.json", "events.jsonl", "model.safetensors", "checkpoint.safetensors")


@pytest.fixture
def far(tmp_path: Path) -> Path:
    return tmp_path / "far"


@pytest.fixture
def near(tmp_path: Path) -> Path:
    return tmp_path / "near"


def command(far: Path, last: int = 0) -> str:
    """The first worker dies in the epoch after ``last``."""
    root = str(FAR_WORKER.parents[2])
    return shlex.join([sys.executable, "-c", f"import sys, runpy; sys.path.insert(0, {root!r}); sys.argv = ['', {str(far)!r}, '{last}']; "
                       f"runpy.run_path({str(FAR_WORKER)!r}, run_name='__main__')"])  # fmt: skip


def train(far: Path, near: Path, data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = ["--worker", command(far), "--runs-dir", str(near), "--device", "cpu", "--dataset", str(data), "--json", *arguments]
    return subprocess.run([sys.executable, "-P", "-m", "tui.cli", "train", *given], capture_output=True, text=True, timeout=PATIENCE * 2)


def test_a_run_s_files_come_back(far: Path, near: Path, digits_directory: Path) -> None:
    (near / "mine").mkdir(parents=True)
    wide = ("--set", "network.hidden=[600]", "--set", "training.epochs=2")
    done = train(far, near, digits_directory, "--preset", "quick", "--name", "mine", *wide)
    assert done.returncode == 0, done.stderr
    told = [events.from_json(line) for line in done.stdout.splitlines()]
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    copy = near / "mine-2"  # what was there already is let be
    assert Path(told[-1].run) == copy  # type: ignore[attr-defined]
    for file in COPIED:
        assert (copy / file).read_bytes() == (far / "runs" / "mine" / file).read_bytes()
    assert (copy / "model.safetensors").stat().st_size > PIECE, "it takes several pieces"
    assert read_summary(copy).state == "finished"
    assert sorted(path.name for path in near.iterdir()) == ["mine", "mine-2"], "nothing else is left"

    again = train(far, near, digits_directory, "--resume", "mine-2")
    assert again.returncode == 0 and json.loads(again.stdout.splitlines()[-1])["run"] == str(copy)


@pytest.fixture
def whole(tmp_path: Path, digits: Dataset) -> Training:
    """The run as it is where no connection breaks."""
    training = Training(tmp_path / "whole", digits)
    training.start()
    return training


def assert_same_bits(copy: Path, whole: Training) -> None:
    found, expected = (load_checkpoint(path)[0] for path in (copy, whole.path))
    for name, buffer in vars(expected.state).items():
        assert getattr(found.state, name).tobytes() == buffer.tobytes(), name
    assert load_model(copy).parameters.tobytes() == whole.model().parameters.tobytes()
    figures = [[replace(epoch, seconds=0, samples_per_second=0) for epoch in read_metrics(path)] for path in (copy, whole.path)]
    assert figures[0] == figures[1]


def test_training_outlives_its_connection_to_the_same_bits(
    far: Path, near: Path, tmp_path: Path, digits_directory: Path, whole: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnection, "SHORTEST", 0.01)
    config = tmp_path / "it.toml"
    config.write_text(configuration.to_toml(whole.values))
    given = ["--worker", command(far, 2), "--runs-dir", str(near), "--device", "cpu", "--dataset", str(digits_directory)]
    done = CliRunner().invoke(main, ["train", *given, "--config", str(config), "--name", "mine", "--json"])
    assert done.exit_code == 0, done.stderr
    told = [events.from_json(line) for line in done.stdout.splitlines()]
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert [event.epoch for event in told if isinstance(event, EpochEnded)] == [1, 2, 3, 4, 5], "the lost one was found again"
    assert [event.first_epoch for event in told if isinstance(event, Started)] == [1, 3]
    [hint] = [event.message for event in told if isinstance(event, Hint) and event.kind == "connection"]
    assert hint.endswith("(signal 9). Trying to reach it again.")
    assert_same_bits(near / "mine", whole)


async def test_a_broken_connection_is_shown_and_the_run_goes_on(
    far: Path, near: Path, tmp_path: Path, digits_directory: Path, whole: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_still(monkeypatch, tmp_path)
    monkeypatch.setattr(reconnection, "SHORTEST", 30.0)
    app = make_app(worker=command(far, 2), runs_directory=near, dataset=str(digits_directory), device="cpu")
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        client = app.client
        client.train(configuration.plain(whole.values), "quick")
        await wait_for(pilot, lambda: client.status is Status.BROKEN, "the connection breaks")
        run = client.run
        assert run is not None and run.directory is not None and not run.is_over
        assert read_summary(run.directory).state == "interrupted"
        await wait_for(pilot, lambda: "^g gives up); the run goes on by itself" in screen_text(app), "it is said when it is tried again")
        assert "reconnects in" in screen_text(app) and "Trying to reach it again." in notifications(app)
        await pilot.press("ctrl+r")
        await wait_for(pilot, lambda: client.run and client.run.is_over, "it goes on to its end")
        assert client.run is not None and client.run.directory == run.directory
        assert [epoch.epoch for epoch in client.run.epochs] == [1, 2, 3, 4, 5]
        await wait_for(pilot, lambda: client.files.is_complete, "its files are here")
        assert_same_bits(run.directory, whole)

        assert client._process is not None
        client._process.kill()
        await wait_for(pilot, lambda: client.status is Status.BROKEN, "it breaks again, with nothing to do")
        await pilot.press("ctrl+g")
        await wait_for(pilot, lambda: app.screen.is_modal and "The worker is gone" in screen_text(app), "it is given up")
    assert not list(near.glob(".witness*"))


STARTED = {"hyperparameters": {}, "parameters": 1, "device": {}, "plan": {}, "dataset": {}, "epochs": 9, "steps": 1}


def test_the_checkpoint_comes_now_and_then_and_lets_other_files_go_first(tmp_path: Path) -> None:
    far, now, asked = tmp_path / "far" / "mine", 0.0, []
    far.mkdir(parents=True)
    for file, size in (("hyperparameters.toml", 1), ("summary.json", 1), ("metrics.csv", 1), ("checkpoint.safetensors", 2 * PIECE + 1)):
        (far / file).write_bytes(b"x" * size)
    mirror, courier = Mirror(str(tmp_path / "near"), "ssh far", clock=lambda: now), Courier()
    written = events.CheckpointWritten(path=str(far / "checkpoint.safetensors"), epoch=3)
    epoch = EpochEnded(
        epoch=3, learning_rate=1, train_loss=1, train_accuracy=1, validation_loss=1, validation_accuracy=1, seconds=1,
        samples_per_second=1, best_epoch=1,
    )  # fmt: skip

    def take(event: events.Event) -> list[events.Event]:
        """Lets all pieces come, and an epoch end after the first of a checkpoint."""
        told: list[events.Event] = list(mirror.take(event))
        while request := mirror.request():
            asked.append((request.file, request.offset))
            if asked[-1] == ("checkpoint.safetensors", 0):
                mirror.take(epoch)
            told += mirror.take(courier.piece(tmp_path, request))
        return told

    take(Started(run=str(far), **STARTED))  # type: ignore[arg-type]
    asked.clear()
    assert take(written) == [] == asked, "training has only just begun"
    now += 61
    [event] = take(written)
    copy = tmp_path / "near" / "mine" / "checkpoint.safetensors"
    assert event == replace(written, path=str(copy)) and copy.stat().st_size == 2 * PIECE + 1
    assert asked == [
        ("checkpoint.safetensors", 0),
        ("metrics.csv", 0),
        ("checkpoint.safetensors", PIECE),
        ("checkpoint.safetensors", 2 * PIECE),
    ]
    now += 59
    assert take(written) == []
    now += 1
    assert take(written) == [event]


def test_nothing_is_said_to_be_here_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "far" / "mine").mkdir(parents=True)
    for file in AT_START:
        (tmp_path / "far" / "mine" / file).write_text("{}")
    mirror, courier, idle = Mirror(str(tmp_path / "near"), "ssh far"), Courier(), []
    mirror.take(Started(run=str(tmp_path / "far" / "mine"), **STARTED))  # type: ignore[arg-type]
    monkeypatch.setattr("tui.processes.mirror.atomic_write", lambda *_: idle.append(mirror.is_idle))
    while request := mirror.request():
        mirror.take(courier.piece(tmp_path, request))
    assert idle == [False, False] and mirror.is_idle


def test_hope_ends_where_training_breaks_every_connection_at_once() -> None:
    now = 0.0
    connections = Reconnection(clock=lambda: now)
    assert [connections.broke() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60], "nobody there"
    connections.progressed()
    for pause in (1, 2, None):
        connections.reached()
        connections.began()
        assert connections.broke() == pause
    connections.reached()
    connections.began()
    now += 61
    assert connections.broke() == 1, "it has lasted"


def piece(content: bytes, sha256: str) -> events.FilePiece:
    data = base64.b64encode(content).decode()
    return events.FilePiece(run="/far/mine", file="hyperparameters.toml", offset=0, size=len(content), sha256=sha256, data=data)


def test_a_file_that_comes_damaged_is_asked_for_again_and_then_told_of(tmp_path: Path) -> None:
    mirror = Mirror(str(tmp_path), "ssh far")
    mirror.take(Started(run="/far/mine", **STARTED))  # type: ignore[arg-type]
    good = hashlib.sha256(b"good").hexdigest()
    told: list[events.Event] = []
    for _ in range(3):
        request = mirror.request()
        assert request is not None and (request.file, request.offset) == ("hyperparameters.toml", 0)
        assert mirror.request() is None
        told += mirror.take(piece(b"evil", good))
    [hint] = told
    assert isinstance(hint, events.Hint) and "damaged" in hint.message
    assert not (tmp_path / "mine" / "hyperparameters.toml").exists()


@pytest.mark.parametrize("name", ["..", "a/../..", ".trash", "sweeps", "C:\\runs\\..", ""])
def test_a_copy_is_nowhere_but_among_the_runs(tmp_path: Path, name: str) -> None:
    mirror = Mirror(str(tmp_path / "near"), "ssh far")
    [stopped] = mirror.take(events.Stopped(reason="stopped", epochs=1, best_epoch=1, test_accuracy=None, test_loss=None, run=name))
    assert Path(stopped.run) == tmp_path / "near" / "copy"  # type: ignore[attr-defined]
    assert [path.name for path in tmp_path.iterdir()] == ["near"]


def test_ssh_notices_a_network_that_is_gone() -> None:
    assert worker_command("ssh far digits-tui worker")[1:3] == ["-oServerAliveInterval=5", "-oServerAliveCountMax=3"]
    assert worker_command("ssh -o ServerAliveInterval=60 far")[1] == "-o"
    assert is_connection(["/usr/bin/ssh"]) and not is_connection(["nice"])
