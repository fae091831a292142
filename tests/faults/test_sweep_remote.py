"""A sweep whose workers see neither the files here nor the sweep's directory: the models of the best are brought here."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from engine.jobs.courier import Parcels, pieces
from engine.model_file import load_model
from engine.runs.courier import PIECE
from tests.faults.test_remote import command
from tui.cli import main

WIDE = ["--set", "network.hidden=[600]", "--set", "training.epochs=1", "--set", "early_stopping.mode=off"]


def sweep(root: Path, data: Path, worker: str, *arguments: object):
    given = ["--worker", worker, "--runs-dir", root, "--dataset", data, "--device", "cpu", "--name", "far", *arguments]
    return CliRunner().invoke(main, ["sweep", *map(str, given)])


def test_the_models_of_the_best_are_brought_here(tmp_path, digits_directory, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    vary = ["--vary", "learning_rate.initial", "--sampler", "random", "--trials", 3, "--top", 1, "--seeds", 2]
    done = sweep(tmp_path / "near", digits_directory, command(tmp_path / "far"), *WIDE, *vary)
    assert done.exit_code == 0, done.output
    directory = tmp_path / "near" / "sweeps" / "far"
    kept = sorted(directory.glob("*.safetensors"))
    assert [path.name.partition("-")[0] for path in kept] == ["seed", "seed", "trial"]
    assert all(path.stat().st_size > PIECE for path in kept), "they take several pieces"
    assert all(load_model(path).network.sizes[1] == 600 for path in kept)
    assert "Test accuracy: " in done.stdout and not list(directory.glob(".witness*"))
    assert not list(temporary.iterdir()), "nothing is left there"


def test_a_command_that_starts_no_worker_is_told_with_its_last_words(tmp_path, digits_directory):
    worker = shlex.join([sys.executable, "-c", "import sys; sys.exit('ssh: no route to the box')"])
    failed = sweep(tmp_path, digits_directory, worker)
    assert failed.exit_code == 1 and "ended unexpectedly with code 1: ssh: no route to the box" in failed.stderr
    missing = sweep(tmp_path, digits_directory, "no-such-program")
    assert missing.exit_code == 2 and "the worker cannot be started: there is no program no-such-program" in missing.stderr


def test_a_model_that_comes_damaged_is_not_kept():
    content = bytes(range(256)) * (PIECE // 200)
    parcels = Parcels()
    first, second = pieces(7, content)
    for job, found in {7: (first, second), 8: (first,), 9: (second, first)}.items():
        for piece in found:
            parcels.take(replace(piece, job=job))
    assert (parcels.model(7), parcels.model(8), parcels.model(9)) == (content, None, None)
    assert parcels.model(7) is None, "it is handed over once"
