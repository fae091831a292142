"""``digits-tui sweep``."""

import json
import signal
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

from engine.hyperparameters.configuration import read_toml
from engine.sweep.request import DEFAULT_TRIALS, Request
from tui.cli import main
from tui.commandline.sweep import sweep
from tui.commandline.sweep_reporter import trial_line
from tui.formats import spread

TINY = ["--device", "cpu", "--jobs", "1", "--set", "network.hidden=[4]", "--set", "training.epochs=2", "--sampler", "random"]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)])


def test_what_is_taken_where_nothing_is_said_is_what_the_engine_takes():
    engine, options = Request(), {option.name: option for option in sweep.params if isinstance(option, click.Option)}
    for name in ("top", "seeds", "executor"):
        assert options[name].default == getattr(engine, name)
    assert f"; {DEFAULT_TRIALS} if nothing is said." in (options["trials"].help or "")


def test_a_sweep_prints_a_line_a_trial_and_tables(tmp_path, digits_directory):
    own = ["--dataset", digits_directory, "--runs-dir", tmp_path, "--name", "lr"]
    result = invoke(*own, *TINY, "--vary", "learning_rate.initial", "--trials", 3, "--top", 2, "--seeds", 2)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Sweep lr on ") and lines[1] == "  learning_rate.initial = 0.0001..0.1:log"
    assert [line[:5] for line in lines[2:5]] == ["[  0]", "[  1]", "[  2]"]
    assert "trial  state     accuracy  epoch  seconds  learning_rate.initial" in lines
    assert "With fresh seeds, by validation accuracy:" in lines
    assert lines[-2].startswith("Test accuracy: ") and " ± " in lines[-2]
    config = tmp_path / "sweeps" / "lr" / "best.toml"
    assert lines[-1] == f"Train it with: digits-tui train --config {config}"
    assert read_toml(config).network.hidden == (4,)
    assert "Note: Worker 1: CPU" in result.stderr
    again = invoke("--runs-dir", tmp_path, "--name", "lr", "--top", 2, "--seeds", 2)
    assert again.exit_code == 0 and "3 trials are done already" in again.stdout
    one = ["--runs-dir", tmp_path, "--name", "one", "--trials", 1, "--seeds", 0]
    assert invoke("--dataset", digits_directory, *TINY, *one).exit_code == 0
    assert "1 trial is done already" in invoke(*one).stdout
    assert invoke("--runs-dir", tmp_path, "--name", "lr", "--set", "training.epochs=3").exit_code == 2


def test_as_json_it_prints_the_events(tmp_path, digits_directory):
    result = invoke("--dataset", digits_directory, "--runs-dir", tmp_path, *TINY, "--trials", 2, "--seeds", 0, "--json")
    assert result.exit_code == 0 and not result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["event"], events[-1]["event"]) == ("sweep_started", "sweep_finished")
    assert events[-1]["winner"]["test_values"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--vary", "learning_rate.inital"], 2, "did you mean learning_rate.initial?"),
        (["--sampler", "grid"], 2, "there is no sampler 'grid'"),
        (["--executor", "dask"], 2, "the executor dask and the address of a cluster go together"),
        (["--name", "a/b"], 2, "'a/b' cannot be a run's name"),
        (["--jobs", "9999"], 2, "jobs cannot be 9999: each is a process of its own"),
        (["--jobs", "257", "--worker", "ssh box digits-tui worker"], 2, "jobs cannot be 257"),
        (["--device", "99"], 3, "There is no device '99' here."),
        (["--trials", "many"], 2, "'many' is not a valid integer"),
    ],
)
def test_what_cannot_be_done_is_said_in_two_lines(tmp_path, digits_directory, arguments, code, message):
    result = invoke("--dataset", digits_directory, "--runs-dir", tmp_path, *arguments)
    assert result.exit_code == code, result.output
    errors = [line for line in result.stderr.splitlines() if not line.startswith("Note: ")]
    assert len(errors) == 2 and errors[0].startswith("Error: ") and message in errors[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_stops_a_sweep_that_can_be_gone_on_with(tmp_path, digits_directory):
    own = ["--runs-dir", tmp_path, "--name", "long"]
    command = [sys.executable, "-m", "tui.cli", "sweep", "--dataset", digits_directory, *own, *TINY, "--trials", "1000"]
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("[  1]"):
                break
        process.send_signal(signal.SIGINT)
        text, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.endswith(f"Interrupted. Go on with: digits-tui sweep --runs-dir {tmp_path} --name long\n")
    assert "trial  state" in text
    again = invoke(*own, "--trials", 2, "--seeds", 0)
    assert again.exit_code == 0 and "trials are done already" in again.stdout


def test_lines():
    row = {"trial": 3, "state": "complete", "value": 0.9512, "curve": [0.1, 0.9512], "best_epoch": 2, "seconds": 1.234, "reason": "epochs"}
    shown = {"learning_rate.initial": 0.0123456, "network.hidden": [16, 16], "network.activation": "relu"}
    assert trial_line(row | {"parameters": shown}) == (
        "[  3] complete  95.12%  epoch  2 of  2    1.23 s  learning_rate.initial=0.01235 network.hidden=[16, 16] network.activation=relu"
    )
    failed = row | {"state": "failed", "value": None, "reason": "training diverged", "parameters": {}}
    assert trial_line(failed).startswith("[  3] failed         -  training diverged")
    assert (spread(0.951, 0.0012), spread(0.951, None), spread(None, None)) == ("95.10% ± 0.12", "95.10%", "-")
