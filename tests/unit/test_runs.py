from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.events import CheckpointWritten
from engine.hyperparameters.definitions import Hyperparameters
from engine.presets import preset
from engine.runs.error import RunError
from engine.runs.history import read_hyperparameters
from engine.runs.index import find_run, list_runs
from engine.runs.names import EVENTS_FILE, RUNS_DIRECTORY_VARIABLE, SUMMARY_FILE, runs_directory
from engine.runs.run import Run


def create(root: Path, name: str | None = None) -> Run:
    return Run.create(root, preset("quick").hyperparameters, "quick", name)


def test_a_run_is_named_by_its_time_and_preset_and_never_twice(tmp_path: Path) -> None:
    made = [create(tmp_path) for _ in range(3)]
    assert len({run.name for run in made}) == 3
    assert all("-quick" in run.name for run in made)
    assert read_hyperparameters(made[0].path) == preset("quick").hyperparameters
    for run in made:
        run.close()


def test_a_preset_of_any_name_stays_within_the_runs_directory(tmp_path: Path) -> None:
    run = Run.create(tmp_path, Hyperparameters(), preset="../../étoile 1")
    assert run.path.parent == tmp_path and run.name.endswith("-étoile1")
    run.close()


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    create(tmp_path, "mine").close()
    with pytest.raises(RunError, match="already a run 'mine'"):
        create(tmp_path, "mine")


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "a\\b", ".hidden", "a\nb", "a.", "sweeps"])
def test_a_name_that_cannot_be_a_directory_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="cannot be a run's name"):
        create(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_the_place_for_sweeps_is_refused_as_that(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="it is where sweeps are kept"):
        create(tmp_path, "sweeps")


@pytest.mark.parametrize("name", ["x" * 101, "漢" * 67])
def test_a_name_that_is_too_long_is_refused_in_these_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="is too long for a run's name"):
        create(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_runs_are_found_by_name_and_by_path(tmp_path: Path) -> None:
    run = create(tmp_path, "mine")
    assert find_run("mine", tmp_path) == run.path
    assert find_run(str(run.path), tmp_path / "elsewhere") == run.path
    with pytest.raises(RunError, match=r"no run 'nine' in .*; did you mean mine\?$"):
        find_run("nine", tmp_path)
    run.close()


def test_the_list_is_newest_first_and_knows_what_each_run_is_doing(tmp_path: Path) -> None:
    (tmp_path / "sweeps").mkdir()
    made = {name: create(tmp_path, name) for name in ("finished", "interrupted", "running")}
    for offset, run in enumerate(made.values()):
        run.write_summary(when=f"2030-01-0{offset + 1}T12:00:00+00:00", device={"name": "CPU"})
    made["finished"].write_summary(state="finished", epochs=3, test_accuracy=0.9, validation_accuracy=0.8)
    made["finished"].close()
    made["interrupted"].close()

    found = list_runs(tmp_path)
    assert [(summary.name, summary.state) for summary in found] == [(name, name) for name in ("running", "interrupted", "finished")]
    assert found[2].best_accuracy == 0.9
    assert found[2].device == {"name": "CPU"}
    assert json.loads(json.dumps(found[2].plain()))["epochs"] == 3
    made["running"].close()
    assert list_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": 3}', b"\xff"])
def test_a_damaged_summary_does_not_hide_the_run(tmp_path: Path, content: bytes) -> None:
    create(tmp_path, "mine").close()
    (tmp_path / "mine" / SUMMARY_FILE).write_bytes(content)
    [summary] = list_runs(tmp_path)
    assert (summary.name, summary.state) == ("mine", "interrupted")


def test_a_run_in_use_is_not_opened_again(tmp_path: Path) -> None:
    run = create(tmp_path, "mine")
    with pytest.raises(RunError, match="mine is in use by another process"):
        Run.open(run.path, wait=0)
    run.close()
    run.close()
    opened = Run.open(run.path, wait=0)
    assert opened.summary.preset == "quick"
    opened.close()


def test_events_are_added_after_the_last_whole_line(tmp_path: Path) -> None:
    run = create(tmp_path, "mine")
    run.record(CheckpointWritten(seq=1, path="a", epoch=1))
    run.close()
    file = run.path / EVENTS_FILE
    file.write_bytes(file.read_bytes() + b'{"event": "chec')
    (run.path / ".model.safetensors.00000000.tmp").touch()
    opened = Run.open(run.path)
    opened.record(CheckpointWritten(seq=2, path="b", epoch=2))
    opened.close()
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [1, 2]
    assert not list(run.path.glob("*.tmp"))


def test_the_runs_directory_is_chosen_then_named_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(RUNS_DIRECTORY_VARIABLE, str(tmp_path))
    assert runs_directory() == tmp_path
    assert runs_directory("here") == Path.cwd() / "here"
    monkeypatch.delenv(RUNS_DIRECTORY_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert runs_directory().name == "runs"


def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Run.create(tmp_path / "file" / "runs", Hyperparameters())
