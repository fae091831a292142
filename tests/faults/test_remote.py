"""A worker that does not see the client's disk: what it trains is here too, and a connection that breaks is not the end of it."""

import base64
import hashlib
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from engine import events, runs
from engine.checkpoint import load_model
from engine.courier import PIECE
from tests.faults.support import ENDLESS, PATIENCE
from tests.tui.support import furnished, make_app, screen_text, stand_still, wait_for
from tui.mirror import Mirror
from tui.run_view import Phase
from tui.worker_command import is_connection, worker_command

FAR_WORKER = Path(__file__).with_name("far_worker.py")
COPIED = ("hyperparameters.toml", "metrics.csv", "summary.json", "events.jsonl", "model.safetensors", "checkpoint.safetensors")


@pytest.fixture
def far(tmp_path: Path) -> Path:
    return tmp_path / "far"


@pytest.fixture
def near(tmp_path: Path) -> Path:
    return tmp_path / "near"


def command(far: Path) -> str:
    root = str(FAR_WORKER.parents[2])
    return shlex.join([sys.executable, "-c", f"import sys, runpy; sys.path.insert(0, {root!r}); sys.argv = ['', {str(far)!r}]; "
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
    assert runs.read_summary(copy).state == "finished"
    assert sorted(path.name for path in near.iterdir()) == ["mine", "mine-2"], "nothing else is left"

    again = train(far, near, digits_directory, "--resume", "mine-2")
    assert again.returncode == 0 and json.loads(again.stdout.splitlines()[-1])["run"] == str(copy)


async def test_a_broken_connection_is_told_and_the_run_goes_on(
    far: Path, near: Path, tmp_path: Path, digits_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_still(monkeypatch, tmp_path)
    app = make_app(worker=command(far), runs_directory=near, dataset=str(digits_directory), device="cpu")
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        assert app.client.files.is_remote
        app.client.train(ENDLESS, "quick")
        await wait_for(pilot, lambda: app.client.run and app.client.run.model, "a snapshot is here")
        run = app.client.run
        assert run is not None and run.model is not None and run.directory is not None
        assert run.directory.parent == near and load_model(run.model).epoch >= 1
        assert runs.read_summary(run.directory).state == "running"

        assert app.client._process is not None
        app.client._process.kill()
        await wait_for(pilot, lambda: app.screen.is_modal and "start it and go on with the run" in screen_text(app), "it is told")
        assert runs.read_summary(run.directory).state == "interrupted"
        await pilot.press("g")
        await wait_for(pilot, lambda: app.client.run and app.client.run.is_learning, "it goes on")
        assert app.client.run is not None and app.client.run.directory == run.directory
        assert app.client.run.started is not None and app.client.run.started.first_epoch > 1
        app.client.stop()
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is Phase.STOPPED, "it ends")
        await wait_for(pilot, lambda: app.client.files.is_complete, "its files are here")
    assert (run.directory / "checkpoint.safetensors").is_file()
    assert not list(near.glob(".witness*"))


def piece(content: bytes, sha256: str) -> events.FilePiece:
    data = base64.b64encode(content).decode()
    return events.FilePiece(run="/far/mine", file="hyperparameters.toml", offset=0, size=len(content), sha256=sha256, data=data)


def test_a_file_that_comes_damaged_is_asked_for_again_and_then_told_of(tmp_path: Path) -> None:
    mirror = Mirror(str(tmp_path), "ssh far")
    started = {"hyperparameters": {}, "parameters": 1, "device": {}, "plan": {}, "dataset": {}, "epochs": 1, "steps": 1}
    mirror.take(events.Started(run="/far/mine", **started))  # type: ignore[arg-type]
    good = hashlib.sha256(b"good").hexdigest()
    told = []
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
