"""What ``digits-tui train`` asks a worker for, and what it refuses before anything is loaded."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner

from engine import presets
from engine.commands import Train
from engine.hyperparameters.configuration import plain, to_toml
from tui.cli import main
from tui.commandline.errors import CommandLineError
from tui.commandline.options import resolve
from tui.form.draft import Draft
from tui.options import Options


class StartedError(Exception):
    """A worker would have been started."""


@pytest.fixture(autouse=True)
def nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def start(*arguments: object) -> None:
        raise StartedError

    monkeypatch.setattr("tui.commandline.worker_process.WorkerProcess", start)
    monkeypatch.setattr("tui.commandline.datasets.ensure", start)


def refusal(*arguments: str) -> list[str]:
    """What is said of a command line with bad usage: what, and what to do."""
    result = CliRunner().invoke(main, ["train", *arguments])
    assert result.exit_code == 2, result.output
    return result.stderr.splitlines()


def test_a_plan_that_there_is_not() -> None:
    what, advice = refusal("--plan", "foo")
    assert what == "Error: Invalid value for '--plan': 'foo' is not one of 'numpy', 'layered', 'resident'."
    assert advice == "`digits-tui train --help` lists what there is."


@pytest.mark.parametrize("name", ["a/b", ""])
def test_what_no_run_can_be_called(name: str) -> None:
    what, advice = refusal("--name", name)
    assert what == f"Error: {name!r} cannot be a run's name"
    assert advice.startswith("Use letters, digits")


def test_a_name_that_another_run_has(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    what, advice = refusal("--name", "mine", "--runs-dir", str(tmp_path), "--dataset", "fashion-mnist")
    assert what == f"Error: there is already a run 'mine' in {tmp_path}"
    assert advice == "Choose another name, or go on with it by --resume."


def test_a_name_may_be_free_where_the_worker_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    arguments = ["train", "--name", "mine", "--runs-dir", str(tmp_path), "--worker", "ssh box digits-tui worker"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1 and "already" not in result.stderr, "the worker was asked"


BEGINNINGS = [
    ([], "default"),
    (["--set", "training.epochs=7"], "default"),
    (["--config", "own.toml"], None),
    (["--config", "readme.toml"], "readme"),
    (["--config", "readme.toml", "--set", "training.seed=5"], None),
    (["--config", "own.toml", "--preset", "quick"], "quick"),
]
"""Of a run: arguments, and the preset that it is said to be of."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of hyperparameters in the working directory: of one's own, and those of the preset ``readme``."""
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text("[training]\nepochs = 3\n")
    Path("readme.toml").write_text(to_toml(presets.preset("readme").hyperparameters))


@pytest.mark.parametrize(("arguments", "preset"), [*BEGINNINGS, (["--config", "readme.toml", "--seed", "5"], None)])
def test_the_preset_of_a_run_is_where_its_values_begin(
    files: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], preset: str | None
) -> None:
    told: list[object] = []

    class Worker(contextlib.nullcontext[None]):
        send = told.append

        def __enter__(self) -> Self:
            return self

    monkeypatch.setattr("tui.commandline.worker_process.WorkerProcess", lambda *arguments: Worker())
    monkeypatch.setattr("tui.commandline.datasets.ensure", lambda name: None)
    monkeypatch.setattr("tui.commandline.train._train", lambda process, configure, train, *rest: told.append(train) or 0)
    assert CliRunner().invoke(main, ["train", *arguments]).exit_code == 0
    train = told[-1]
    assert isinstance(train, Train) and train.preset == preset


@pytest.mark.parametrize(("arguments", "preset"), BEGINNINGS)
def test_the_dashboard_calls_its_runs_as_train_does(
    files: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], preset: str | None
) -> None:
    opened: list[Options] = []

    def open_nothing(options: Options) -> None:
        opened.append(options)
        raise StartedError

    monkeypatch.setattr("tui.app.DigitsApp", open_nothing)
    monkeypatch.setattr("tui.commandline.dashboard._refuse_without_terminal", lambda: None)
    CliRunner().invoke(main, arguments)
    assert Draft(*opened[0].beginning()).preset_of_run == (preset or "")


def test_a_dry_run_shows_what_config_takes(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[training]\nepochs = 5\n")
    arguments = ["train", "--preset", "readme", "--config", str(mine), "--set", "network.hidden=[8]", "--seed", "3", "--dry-run"]
    expected = resolve("readme", mine, ["network.hidden=[8]"], 3)
    shown = CliRunner().invoke(main, arguments)
    assert (shown.exit_code, shown.stderr) == (0, "")
    mine.write_text(shown.stdout)
    assert resolve("default", mine, []) == expected
    assert json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout) == plain(expected)
    assert refusal("--resume", "a", "--dry-run")[0] == "Error: --dry-run cannot be given with --resume"


def test_a_seed_that_contradicts_another() -> None:
    with pytest.raises(CommandLineError) as refused:
        resolve("quick", None, ["training.seed=4"], seed=3)
    assert (refused.value.message, refused.value.exit_code) == ("--seed 3 contradicts --set training.seed=4", 2)
    assert resolve("quick", None, ["training.seed=3"], seed=3).training.seed == 3
