"""The worker as a process: its protocol, and what it does when it, its parent or its data fail."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import events
from engine.checkpoint import load_checkpoint
from engine.commands import Abort, Configure, Evaluate, Pause, Resume, Set, Shutdown, Stop, TakeSnapshot, Train
from engine.hyperparameters import configuration
from engine.model_file import load_model
from engine.presets import preset
from engine.runs.summary import read_summary
from tests.faults.support import ENDLESS, WORKER, Worker, failed, small, started


@pytest.fixture
def configure(digits_directory: Path, tmp_path: Path) -> Configure:
    return Configure(device="cpu", dataset=str(digits_directory), runs_directory=str(tmp_path))


@pytest.fixture
def worker(configure: Configure) -> Iterator[Worker]:
    with started(configure) as worker:
        yield worker


def test_a_run_from_ready_to_finished_and_its_evaluation(worker: Worker, tmp_path: Path) -> None:
    [ready] = worker.events
    assert isinstance(ready, events.Ready)
    assert (ready.dataset["train"], ready.dataset["classes"], ready.device["backend"]) == (500, list("0123456789"), "cpu")
    assert ready.devices[0] == ready.device

    worker.send(Train(hyperparameters=small(), preset="quick", run_name="mine"))
    finished = worker.until("finished", "failed")
    assert finished.run == str(tmp_path / "mine")
    recorded = [json.loads(line) for line in (tmp_path / "mine" / "events.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in recorded] == [event.seq for event in worker.events[1:] if event.name != "progress"]
    assert read_summary(tmp_path / "mine").state == "finished"

    worker.send(Evaluate(model="mine"))
    evaluated = worker.until("evaluated", "failed")
    assert evaluated.evaluation["accuracy"] == finished.test_accuracy
    worker.send(Evaluate(model=str(tmp_path / "mine" / "nothing.safetensors")))
    failed(worker, "configuration")

    worker.send(Train(resume="mine"))
    again = worker.until("finished", "failed")
    assert (again.reason, again.test_accuracy, again.epochs) == (finished.reason, finished.test_accuracy, 3)
    worker.send(Shutdown())
    assert worker.end() == 0


def test_what_cannot_be_done_is_said_and_the_worker_goes_on(configure: Configure, tmp_path: Path) -> None:
    with Worker(WORKER) as worker:
        worker.send(Train())
        failed(worker, "protocol")
        for bad in (
            "{",
            "null",
            '{"command": "dance"}',
            '{"command": "train", "colour": 1}',
            "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
        ):
            worker.send(bad)
            failed(worker, "protocol")
        worker.send(Configure(device="no such device", dataset=configure.dataset))
        assert "no such device" in failed(worker, "device").message
        worker.send(Configure(device="cpu", dataset=str(tmp_path)))
        failed(worker, "data")
        worker.send(configure)
        worker.until("ready")

        worker.send(Train(hyperparameters={"network": {"width": 3}}))
        failed(worker, "configuration")
        worker.send(Train(hyperparameters=small(training__validation_split=0.9999)))
        failed(worker, "configuration")
        worker.send(Train(hyperparameters=small(), run_name="../up"))
        failed(worker, "configuration")
        worker.send(Train(resume="nothing"))
        failed(worker, "configuration")
        worker.send(Stop())
        failed(worker, "protocol")
        assert list(tmp_path.iterdir()) == [], "nothing that failed left a run behind"
        worker.send(Train(hyperparameters=small(training__epochs=1), run_name="mine"))
        worker.until("finished")
        worker.send(Train(hyperparameters=small(), run_name="mine"))
        assert "already a run" in failed(worker, "configuration").message


def test_a_run_is_led_by_commands_and_not_disturbed_by_bad_ones(worker: Worker, configure: Configure) -> None:
    worker.send(Train(hyperparameters=ENDLESS, run_name="mine"))
    worker.until("epoch")
    worker.send("nonsense", Train(), configure, Set(key="training.epochs", value=3), Set(key="learning_rate.initial", value=-1.0))
    for _ in range(5):
        failed(worker, "protocol")
    worker.send(Set(key="learning_rate.initial", value=0.5))
    assert worker.until("changed").value == 0.5
    worker.send(Pause())
    paused = worker.until("paused")
    worker.send(TakeSnapshot())
    snapshot = worker.until("snapshot")
    assert load_model(Path(snapshot.path)).epoch == paused.epoch
    worker.send(Resume())
    worker.until("resumed")
    worker.send(Stop())
    stopped = worker.until("stopped", "failed")
    assert stopped.reason == "stopped" and stopped.epochs >= paused.epoch  # more where epochs end before the stop comes
    worker.until("finished")

    worker.send(Train(resume="mine"))
    assert worker.until("started").first_epoch == stopped.epochs + 1
    worker.send(Abort())
    assert worker.until("finished").reason == "stopped"


def test_divergence_is_a_failure_with_advice(worker: Worker, tmp_path: Path) -> None:
    worker.send(Train(hyperparameters=small(learning_rate__initial=1e30), run_name="mine"))
    assert "lower learning rate" in failed(worker, "divergence").advice
    assert read_summary(tmp_path / "mine").state == "failed"
    assert worker.events[-1].name == "failed"
    worker.send(Train(hyperparameters=small(training__epochs=1)))
    worker.until("finished")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_training_the_default_network_on_the_cpu_takes_little_memory(tmp_path: Path) -> None:
    values = preset("default").hyperparameters
    with started(Configure(device="cpu", dataset="mnist", runs_directory=str(tmp_path))) as worker:
        worker.send(Train(hyperparameters=configuration.plain(configuration.replace(values, {"training.epochs": 1}))))
        worker.until("finished")
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
    [kilobytes] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    assert kilobytes < 400_000


def test_two_workers_do_not_share_a_run(worker: Worker, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    worker.send(Train(hyperparameters=ENDLESS, run_name="mine"))
    worker.until("epoch")
    impatient = "from engine import worker; from engine.runs.run import Run; Run.open.__func__.__defaults__ = (0.1,); worker.main()"
    with started(configure, ["-P", "-c", impatient]) as other:
        other.send(Train(resume="mine"))
        assert "in use by another process" in failed(other, "busy").message
    assert worker.until("epoch")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_writes_the_checkpoint_and_sets_the_exit_code(worker: Worker, tmp_path: Path, name: str, code: int) -> None:
    worker.send(Train(hyperparameters=ENDLESS, run_name="mine"))
    worker.until("epoch")
    worker.process.send_signal(getattr(signal, name))
    assert worker.end() == code
    written = [event for event in worker.events if event.name == "checkpoint"][-1]
    checkpoint, note = load_checkpoint(tmp_path / "mine")
    assert (checkpoint.epoch, note) == (written.epoch, "")
    assert read_summary(tmp_path / "mine").state == "interrupted"


@pytest.mark.parametrize(
    "line", ["[" * 200_000, "", "{}", '{"command": "configure", "device": 5}'], ids=["deep", "empty", "nameless", "odd"]
)
def test_a_worker_whose_first_line_is_wrong_says_so_and_serves_on(configure: Configure, line: str) -> None:
    with Worker(WORKER) as worker:
        worker.send(line)
        assert worker.until("failed", "ready").name == "failed"
        worker.send(configure)
        assert worker.until("failed", "ready").name == "ready"


@pytest.mark.parametrize("code", ["idle", "training"])
def test_the_worker_ends_with_its_stdin(worker: Worker, tmp_path: Path, code: str) -> None:
    if code == "training":
        worker.send(Train(hyperparameters=ENDLESS, run_name="mine"))
        worker.until("epoch")
    worker.close_stdin()
    assert worker.end() == 0
    if code == "training":
        assert load_checkpoint(tmp_path / "mine")[1] == ""


HANGING = """
import time
from engine import worker
from engine.backends.cpu.backend import CpuBackend

CpuBackend.train = lambda *arguments: time.sleep(1e6)
worker.main()
"""


def test_a_worker_that_hangs_in_its_device_ends_with_its_stdin_too(configure: Configure) -> None:
    with started(configure, ["-P", "-c", HANGING]) as worker:
        worker.send(Train(hyperparameters=ENDLESS))
        worker.until("checkpoint")
        worker.close_stdin()
        assert worker.end() == 0


NOISY = """
import os
from engine import worker
from engine.backends.cpu.backend import CpuBackend

prepare = CpuBackend.prepare

def noisy(*arguments):
    print("a stray print")
    os.write(1, b"a native write\\n")
    os.system("echo a child")
    prepare(*arguments)

CpuBackend.prepare = noisy
CpuBackend.evaluate = lambda *arguments: 1 / 0
worker.main()
"""


def test_strays_go_to_the_log_and_so_does_the_traceback_of_a_bug(configure: Configure) -> None:
    with started(configure, ["-P", "-c", NOISY]) as worker:
        worker.send(Train(hyperparameters=small()))
        assert failed(worker, "internal").message == "ZeroDivisionError: division by zero"
        worker.close_stdin()
        assert worker.end() == 0
        for stray in ("a stray print", "a native write", "a child", "Traceback", "ZeroDivisionError"):
            assert stray in worker.log


def test_a_run_does_not_go_on_with_other_data(worker: Worker, configure: Configure, digits_directory: Path, tmp_path: Path) -> None:
    worker.send(Train(hyperparameters=ENDLESS, run_name="mine"))
    worker.until("epoch")
    worker.send(Stop())
    worker.until("finished")
    other = tmp_path / "other digits"
    shutil.copytree(digits_directory, other)
    images = other / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1] + b"\x07")
    worker.send(replace(configure, dataset=str(other)))
    worker.until("ready")
    worker.send(Train(resume="mine"))
    assert "was trained on other data" in failed(worker, "data").message
    assert read_summary(tmp_path / "mine").state == "stopped"
