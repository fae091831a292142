"""A device that fails: what was trained up to the last checkpoint is kept, and a sentence says what happened and another what to do."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.checkpoint import load_checkpoint
from engine.events import Started
from engine.model_file import load_model
from engine.runs.summary import read_summary
from tests import adapters
from tui.cli import main
from tui.commandline import train

WORKER = """
import os
from engine import worker
from engine.runs import recorder
from engine.backend import DeviceError
from engine.backends.{module} import {backend} as Backend

{setup}
recorder.TRAINING_TO_SAVING = epochs = 0
set_order, train = Backend.set_order, Backend.train

def count(self, order):
    global epochs
    epochs += 1
    set_order(self, order)

def fail(self, steps):
    train(self, steps)
    if epochs == 3:
        {fault}

Backend.set_order, Backend.train = count, fail
worker.main()
"""
CPU = {"module": "cpu.backend", "backend": "CpuBackend", "setup": "", "fault": "pass"}
WGPU = {"module": "wgpu.backend", "backend": "WgpuBackend", "setup": "", "fault": "pass"}


@dataclass
class Command:
    """`digits-tui train` on a worker whose device fails in its third epoch."""

    directory: Path
    dataset: Path

    @property
    def root(self) -> Path:
        return self.directory / "runs"

    def train(self, *arguments: str, **worker: str) -> Result:
        script = self.directory / "worker.py"
        script.write_text(WORKER.format(**worker))
        command = shlex.join([sys.executable, "-P", str(script)])
        return self.invoke("--worker", command, "--name", "mine", "--dataset", str(self.dataset), *arguments)

    def resume(self) -> Result:
        return self.invoke("--resume", "mine")

    def invoke(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["train", "--runs-dir", str(self.root), *arguments])


SMALL = [
    "--preset", "quick", "--set", "network.hidden=[12]", "--set", "training.epochs=5", "--set", "training.batch_size=32",
    "--set", "early_stopping.mode=off",
]  # fmt: skip


@pytest.fixture
def command(tmp_path: Path, digits_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Command(tmp_path, digits_directory)


@pytest.fixture
def adapter() -> str:
    """What to ask for to train on an adapter."""
    adapters.adapter()
    return "gpu"


def refusal(result: Result) -> tuple[str, str]:
    """What went wrong, and what to do: the only two lines."""
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    what, advice = (line for line in result.stderr.splitlines() if not line.startswith("Note: "))
    return what.removeprefix("Error: "), advice


def assert_resumable(command: Command) -> None:
    """Two epochs are kept, and the run goes on to the end that it would have had."""
    assert load_checkpoint(command.root / "mine")[0].epoch == 2
    assert load_model(command.root / "mine").epoch <= 2
    result = command.resume()
    assert result.exit_code == 0, result.output
    assert command.invoke("--device", "cpu", *SMALL, "--name", "whole", "--dataset", str(command.dataset)).exit_code == 0
    mine, whole = (load_checkpoint(command.root / name)[0] for name in ("mine", "whole"))
    assert mine.state.parameters.tobytes() == whole.state.parameters.tobytes()


def test_a_device_that_gives_up_leaves_a_run_to_go_on_with(command: Command) -> None:
    fault = "raise DeviceError('The device is lost.', 'Train on the CPU: --device cpu.')"
    what, advice = refusal(command.train("--device", "cpu", *SMALL, **CPU | {"fault": fault}))
    assert what == "The device is lost."
    assert advice.startswith(f"Train on the CPU: --device cpu. Go on with: digits-tui train --resume {command.root / 'mine'}")
    assert read_summary(command.root / "mine").state == "failed"
    assert_resumable(command)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_worker_that_its_driver_aborts_leaves_a_run_to_go_on_with(command: Command) -> None:
    result = command.train("--device", "cpu", "--json", *SMALL, **CPU | {"fault": "os.abort()"})
    what, advice = refusal(result)
    assert what == "the worker ended unexpectedly by signal SIGABRT"
    log = command.directory / "state" / "digits-tui" / "log" / "worker.log"
    assert advice.startswith(f"Its log is {log}. Go on with: digits-tui train --resume {command.root / 'mine'}")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[-1]["event"], events[-1]["kind"], events[-1]["message"]) == ("failed", "internal", what)
    assert read_summary(command.root / "mine").state == "interrupted"
    assert_resumable(command)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("DeviceError('It is too small.', 'Try another.')", "It is too small."),
        ("MemoryError", "there is not enough memory"),
    ],
)
def test_a_run_that_cannot_even_begin_is_not_kept(command: Command, error: str, expected: str) -> None:
    setup = f"def refuse(*arguments):\n    raise {error}\nBackend.prepare = refuse"
    what, _ = refusal(command.train("--device", "cpu", *SMALL, **CPU | {"setup": setup}))
    assert what.startswith(expected)
    assert list(command.root.iterdir()) == []


def test_an_adapter_that_is_lost_is_told_and_never_replaced(command: Command, adapter: str) -> None:
    what, advice = refusal(command.train("--device", adapter, *SMALL, **WGPU | {"fault": "self._gpu.destroy()"}))
    assert what.startswith("The device failed at ") and what.endswith("device is lost.")
    assert "--device cpu" in advice and "--resume" in advice
    summary = read_summary(command.root / "mine")
    assert (summary.state, summary.epochs, summary.device["backend"]) == ("failed", 2, "wgpu")
    assert load_checkpoint(command.root / "mine")[0].epoch == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_an_adapter_whose_driver_aborts_is_told_with_the_way_to_the_cpu(command: Command, adapter: str) -> None:
    what, advice = refusal(command.train("--device", adapter, *SMALL, **WGPU | {"fault": "os.abort()"}))
    assert what == "the worker ended unexpectedly by signal SIGABRT, as where a graphics driver fails"
    assert f"train on the CPU (--device cpu). Go on with: digits-tui train --resume {command.root / 'mine'}" in advice


def test_a_shader_that_the_driver_refuses_is_named(command: Command, adapter: str) -> None:
    renamed = "source(name, **values).replace('fn main', 'fn mein')"
    setup = f"import shaders\nsource = shaders.source\nshaders.source = lambda name, **values: {renamed}"
    what, advice = refusal(command.train("--device", adapter, *SMALL, **WGPU | {"setup": setup}))
    assert what.startswith("The driver refuses the kernel ") and what.endswith("Unable to find entry point 'main'.")
    assert "--device cpu" in advice
    assert list(command.root.iterdir()) == []


def test_a_network_that_is_too_large_for_the_adapter_is_refused(command: Command, adapter: str) -> None:
    large = ["--set", f"network.hidden={[8192] * 8}", "--set", "training.batch_size=8192"]
    what, advice = refusal(command.invoke("--device", adapter, "--dataset", str(command.dataset), *large))
    assert " would take " in what and what.endswith(" at once.")
    assert advice == "Choose smaller hidden layers or a smaller batch, or train on the CPU: --device cpu."
    assert list(command.root.iterdir()) == []


@pytest.mark.parametrize(
    ("ended", "backend", "kind", "expected"),
    [
        (3, "cpu", "internal", "with code 3"),
        (3, "wgpu", "internal", "with code 3"),
        (-11, "cpu", "internal", "by signal SIGSEGV"),
        (-11, "wgpu", "device", "by signal SIGSEGV, as where a graphics driver fails"),
        (-9, "cpu", "device", "by signal SIGKILL, as where memory runs out"),
        (-9, "wgpu", "device", "by signal SIGKILL, as where memory runs out"),
        (-99, "wgpu", "internal", "by signal 99"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_death_is_told_as_what_it_probably_was(ended: int, backend: str, kind: str, expected: str) -> None:
    device = {"backend": backend}
    started = Started(run="a run", hyperparameters={}, parameters=1, device=device, plan={}, dataset={}, epochs=1, steps=1)
    death = train.death(ended, started, Path("worker.log"))
    assert (death.kind, death.message) == (kind, f"the worker ended unexpectedly {expected}")
    assert death.advice.startswith("Its log is worker.log.") and death.advice.endswith("digits-tui train --resume 'a run'")
