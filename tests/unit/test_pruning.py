"""What runs and sweeps take on the disk, and how they go."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.index import RunIndex, list_runs
from engine.runs.marks import set_mark
from engine.runs.names import SUMMARY_FILE, TRASH
from engine.runs.run import Run
from engine.storage.files import bytes_in
from engine.storage.lock import Lock
from engine.sweep.moves import list_deleted_sweeps
from engine.sweep.stored import list_sweeps, lock_path
from tui.cli import main
from tui.formats import size

WEEK = 7 * 24 * 3600


def write(root: Path, name: str, **summary: object) -> Path:
    run = Run.create(root, Hyperparameters(), preset="quick", name=name)
    run.write_summary(**{"state": "finished", **summary})
    run.close()
    for file in ("checkpoint.safetensors", "checkpoint.previous.safetensors", "model.safetensors"):
        (run.path / file).write_bytes(bytes(1000))
    return run.path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Runs of 95%, 96% and 97%, the last of them interrupted, and a sweep that nothing was added to for a week."""
    write(tmp_path, "poor", test_accuracy=0.95, when="2026-01-01T12:00:00+00:00")
    write(tmp_path, "good", test_accuracy=0.96)
    write(tmp_path, "best", test_accuracy=0.97, state="interrupted")
    (tmp_path / "sweeps" / "rates").mkdir(parents=True)
    (tmp_path / "sweeps" / "rates" / "trial-1.safetensors").write_bytes(bytes(2000))
    study = tmp_path / "sweeps" / "rates.db"
    study.write_bytes(bytes(500))
    os.utime(study, (study.stat().st_mtime - WEEK,) * 2)
    return tmp_path


def output(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["runs", *arguments, "--runs-dir", str(root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def planned(root: Path, *arguments: str) -> set[tuple[str, str]]:
    return {(item["kind"], Path(item["path"]).stem) for item in json.loads(output(root, "prune", "--dry-run", "--json", *arguments))}


def names(root: Path) -> list[str]:
    return sorted(summary.name for summary in list_runs(root))


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_960, "100 kB"), (12_400_000, "12.4 MB")])
def test_a_size_in_words(count: int, text: str) -> None:
    assert size(count) == text


def test_the_list_says_what_each_run_and_all_of_it_takes(root: Path) -> None:
    found = {item["name"]: item["bytes"] for item in json.loads(output(root, "--json"))}
    assert all(bytes_in(root / name) == taken > 3000 for name, taken in found.items())
    result = CliRunner().invoke(main, ["runs", "--runs-dir", str(root)])
    assert size(found["good"]) in result.stdout
    assert result.stderr == f"3 runs: {size(sum(found.values()))}, sweeps: 2.5 kB\n"


def test_checkpoints_of_finished_runs_go_and_nothing_else(root: Path) -> None:
    assert planned(root) == {("checkpoint", "poor"), ("checkpoint", "good")}
    output(root, "prune", "--yes")
    assert not (root / "poor" / "checkpoint.safetensors").exists() and (root / "poor" / "model.safetensors").exists()
    assert (root / "best" / "checkpoint.safetensors").exists(), "it can be gone on with"
    assert output(root, "prune") == f"There is nothing to remove in {root}.\n"


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        (["--keep", "1"], {"poor", "good"}),
        (["--worse-than", "95.5"], {"poor"}),
        (["--older-than", "30"], {"poor"}),
        (["--older-than", "3"], {"poor", "rates"}),
        (["--older-than", "3", "--keep", "3"], {"rates"}),
        (["--worse-than", "100", "--keep", "0"], {"poor", "good", "best"}),
    ],
)
def test_runs_and_sweeps_that_meet_all_criteria_go_to_the_trash(root: Path, arguments: list[str], gone: set[str]) -> None:
    plan = planned(root, *arguments)
    assert {name for kind, name in plan if kind != "checkpoint"} == gone
    assert not {name for kind, name in plan if kind == "checkpoint"} & gone, "what goes can come back whole"
    output(root, "prune", "--yes", *arguments)
    assert {*names(root), *(study.stem for study in list_sweeps(root))} == {"poor", "good", "best", "rates"} - gone


def test_what_is_marked_or_going_on_stays(root: Path) -> None:
    set_mark(root / "poor", True)
    study, run = Lock(lock_path(root / "sweeps" / "rates.db")), Run.open(root / "good")
    assert planned(root, "--older-than", "0") == {("checkpoint", "poor"), ("run", "best")}
    study.release()
    run.close()


def test_a_sweep_comes_back_whole(root: Path) -> None:
    output(root, "prune", "--older-than", "3", "--yes")
    assert [path.name for path in list_deleted_sweeps(root)] == ["rates"]
    assert "Sweeps: rates" in output(root, "trash")
    assert output(root, "restore", "rates") == f"Sweep: {root / 'sweeps' / 'rates.db'}\n"
    assert bytes_in(root / "sweeps") == 2500
    output(root, "prune", "--older-than", "3", "--yes")
    assert output(root, "trash", "--empty", "--yes") == "Deleted for good: 1 run and 1 sweep.\n"
    assert bytes_in(root / TRASH) == 0


@pytest.mark.parametrize(
    ("option", "value"), [("--older-than", "1e9"), ("--older-than", "inf"), ("--older-than", "nan"), ("--worse-than", "nan")]
)
def test_numbers_that_are_none_and_times_before_all_runs_are_refused(root: Path, option: str, value: str) -> None:
    result = CliRunner().invoke(main, ["runs", "prune", "--runs-dir", str(root), option, value, "--dry-run"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: Invalid value for '{option}': ")


def test_nothing_goes_without_an_answer(root: Path) -> None:
    result = CliRunner().invoke(main, ["runs", "prune", "--runs-dir", str(root)])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "Error: nothing is removed without a question")
    assert len(planned(root)) == 2


def test_a_mark_is_shown_and_goes_with_the_run(root: Path) -> None:
    output(root, "mark", "good")
    output(root, "rename", "good", "better")
    assert {summary.name: summary.is_marked for summary in list_runs(root)} == {"poor": False, "better": True, "best": False}
    output(root, "mark", "better", "--off")
    assert not any(summary.is_marked for summary in list_runs(root))


def test_the_index_follows_every_change(root: Path) -> None:
    index = RunIndex(root)
    for path in root.iterdir():
        os.utime(path, (1, 1))
    assert index.read() == index.read() == list_runs(root)
    set_mark(root / "good", True)
    (root / "poor").rename(root / "renamed")
    held = Run.open(root / "best")
    held.write_summary(state="running", epochs=7)
    found = {summary.name: summary for summary in index.read()}
    assert found.keys() == {"good", "renamed", "best"}
    assert (found["good"].is_marked, found["best"].epochs, found["best"].state) == (True, 7, "running")
    held.close()
    assert {summary.name: summary.state for summary in index.read()}["best"] == "interrupted"


@pytest.mark.parametrize("number", ["NaN", "Infinity", '"many"'])
def test_figures_that_are_none_are_damage(root: Path, number: str) -> None:
    (root / "good" / SUMMARY_FILE).write_text(f'{{"name": "good", "path": "", "when": "", "seconds": {number}}}')
    found = {summary.name: summary for summary in list_runs(root)}
    assert found["good"].problem.endswith("summary.json is damaged.") and not found["poor"].problem


def test_a_run_that_cannot_be_read_says_why(root: Path) -> None:
    (root / "good" / SUMMARY_FILE).unlink()
    (root / "good" / SUMMARY_FILE).mkdir()
    found = {summary.name: summary for summary in list_runs(root)}
    assert (found["good"].state, found["best"].state) == ("unreadable", "interrupted")
    assert "summary.json cannot be read: " in found["good"].problem
