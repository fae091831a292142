"""The help of every command, and what the shell completes."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine.hyperparameters.table import HYPERPARAMETERS
from engine.presets import PRESETS
from tui.cli import PROGRAM, main
from tui.commandline.completion import COMPLETE_VARIABLE, SHELLS
from tui.commandline.examples import EXAMPLES


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with what is typed to get there."""

    def below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from below(f"{path} {name}", found)

    return below(PROGRAM, main)


@pytest.mark.parametrize("path", [path for path, _ in commands()])
def test_every_help_has_examples_and_fits_80_columns(path):
    result = CliRunner().invoke(main, [*path.split()[1:], "--help"], terminal_width=80)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "Examples:" in [line.strip() for line in lines], f"add a row to tui/commandline/examples.py for {path!r}"
    assert max(map(len, lines)) <= 80
    assert not {"he", "his", "him"} & set(result.stdout.split())


@pytest.mark.parametrize("command", ["evaluate", "export", "predict", "statistics"])
def test_what_programs_read_is_counted_from_0_and_the_help_says_so(command):
    assert " from 0" in CliRunner().invoke(main, [command, "--help"], terminal_width=80).stdout


def test_every_example_is_of_a_command_and_can_be_parsed():
    known = dict(commands())
    assert EXAMPLES.keys() <= known.keys()
    for typed, _ in (example for examples in EXAMPLES.values() for example in examples):
        words = shlex.split(typed)
        if words[0] != PROGRAM:
            continue
        words = words[: next((place for place, word in enumerate(words) if word in ("|", ">", "<")), None)]
        path, arguments = PROGRAM, words[1:]
        while arguments and f"{path} {arguments[0]}" in known:
            path, arguments = f"{path} {arguments[0]}", arguments[1:]
        known[path].make_context(path, list(arguments))


def complete(monkeypatch, typed: str) -> list[str]:
    """What fish is told to offer after ``typed``, whose last word is incomplete."""
    words = typed.split(" ")
    monkeypatch.setenv(COMPLETE_VARIABLE, "fish_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", words[-1])
    result = CliRunner().invoke(main)
    assert result.stderr == ""
    return [line.partition(",")[2].partition("\t")[0] for line in result.stdout.splitlines() if line.startswith("plain")]


@pytest.fixture
def runs(tmp_path, monkeypatch) -> list[str]:
    monkeypatch.setenv("DIGITS_TUI_RUNS_DIR", str(tmp_path))
    names = ["first", "second"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "hyperparameters.toml").write_text("")
    return names


def test_the_shell_completes_names_and_values(monkeypatch, runs):
    assert complete(monkeypatch, "digits-tui ex") == ["export"]
    for typed in ("evaluate ", "train --resume ", "runs note ", "--open "):
        assert sorted(complete(monkeypatch, f"digits-tui {typed}")) == runs
    assert complete(monkeypatch, "digits-tui export s") == ["second"]
    assert complete(monkeypatch, "digits-tui train --preset ") == list(PRESETS)
    assert complete(monkeypatch, "digits-tui train --device ")[:4] == ["auto", "cpu", "gpu", "0"]
    assert complete(monkeypatch, "digits-tui dataset get k") == ["kmnist"]
    assert complete(monkeypatch, "digits-tui train --set ") == [f"{key}=" for key in HYPERPARAMETERS]
    assert complete(monkeypatch, "digits-tui train --set network.layer_norm=t") == ["network.layer_norm=true"]
    assert "network.activation=relu" in complete(monkeypatch, "digits-tui train --set network.activation=")


def test_the_shell_completes_what_a_sweep_takes(monkeypatch, runs, tmp_path):
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "night.db").touch()
    assert complete(monkeypatch, "digits-tui sweep --name ") == ["night"]
    assert complete(monkeypatch, "digits-tui sweep --sampler ") == ["tpe", "cmaes", "qmc", "random"]
    assert complete(monkeypatch, "digits-tui sweep --pruner m") == ["median"]
    assert complete(monkeypatch, "digits-tui sweep --executor p") == ["processes", "population"]
    assert complete(monkeypatch, "digits-tui sweep --vary network.hi") == ["network.hidden"]
    assert complete(monkeypatch, "digits-tui bench --work ") == ["S", "M", "L", "P"]
    assert complete(monkeypatch, "digits-tui bench --device c") == ["cpu"]


def test_the_shell_completes_what_is_in_the_trash(monkeypatch, runs):
    assert CliRunner().invoke(main, ["runs", "delete", "second"]).exit_code == 0
    assert complete(monkeypatch, "digits-tui runs restore ") == ["second"]


def test_what_cannot_be_found_out_is_not_offered(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITS_TUI_RUNS_DIR", str(tmp_path / "file"))
    (tmp_path / "file").write_text("not a directory")
    assert complete(monkeypatch, "digits-tui evaluate ") == []


@pytest.mark.parametrize("shell", list(SHELLS))
def test_the_script_of_each_shell_asks_this_program(shell):
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"{COMPLETE_VARIABLE}={shell}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_takes_the_script(tmp_path):
    program = tmp_path / PROGRAM
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.cli "$@"\n')
    program.chmod(0o755)
    script = """
        PATH=$1:$PATH
        eval "$(digits-tui completion bash)"
        compopt() { local IFS=' '; echo "compopt $*"; }
        COMP_WORDS=(digits-tui train --set network.la); COMP_CWORD=3
        _digits_tui_completion digits-tui
        echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", tmp_path], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout == "compopt -o nospace\nnetwork.layer_norm=\n"
    assert done.stderr == ""
