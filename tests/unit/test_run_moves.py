"""Names, notes and the trash: in the library, and from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.error import RunError
from engine.runs.index import find_run, list_runs
from engine.runs.marks import is_marked
from engine.runs.moves import delete_runs, empty_trash, list_trash, rename_run, restore_run
from engine.runs.names import TRASH
from engine.runs.notes import LONGEST_NOTE, NOTE_FILE, read_note, write_note
from engine.runs.run import Run
from engine.runs.summary import read_summary
from tui.cli import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A runs directory with runs ``a`` and ``b``."""
    for name in ("a", "b"):
        create(tmp_path, name).close()
    return tmp_path


def create(root: Path, name: str) -> Run:
    return Run.create(root, Hyperparameters(), preset="quick", name=name)


def names(root: Path) -> list[str]:
    return sorted(summary.name for summary in list_runs(root))


def test_a_renamed_run_is_found_by_its_new_name(root: Path) -> None:
    path = rename_run(root / "a", "c")
    assert (path, names(root)) == (root / "c", ["b", "c"])
    assert read_summary(path).name == "c"
    assert find_run("c", root) == path
    with pytest.raises(RunError, match="no run 'a'"):
        find_run("a", root)


@pytest.mark.parametrize(
    ("name", "part"), [("b", "already a run 'b'"), ("../x", "cannot be a run's name"), (TRASH, "cannot be a run's name")]
)
def test_a_name_that_a_run_cannot_have_leaves_it_alone(root: Path, name: str, part: str) -> None:
    with pytest.raises(RunError, match=part):
        rename_run(root / "a", name)
    assert names(root) == ["a", "b"]


def test_what_can_be_done_about_a_name_that_is_taken(root: Path) -> None:
    with pytest.raises(RunError) as renamed:
        rename_run(root / "a", "b")
    with pytest.raises(RunError) as created:
        create(root, "b")
    assert renamed.value.advice == "Choose another name."
    assert created.value.advice == "Choose another name, or go on with it by --resume."


def test_a_run_in_use_stays_where_it_is(root: Path) -> None:
    run = Run.open(root / "b", wait=0)
    with pytest.raises(RunError, match="b is in use"):
        rename_run(root / "b", "c")
    with pytest.raises(RunError, match="b is in use"):
        delete_runs([root / "a", root / "b"])
    assert names(root) == ["a", "b"], "not even the other one is moved"
    run.close()


def test_a_deleted_run_can_be_restored(root: Path) -> None:
    before = {path.name: path.read_bytes() for path in (root / "a").iterdir()}
    assert delete_runs([root / "a"]) == [root / TRASH / "a"]
    assert names(root) == ["b"]
    assert [summary.name for summary in list_trash(root)] == ["a"]
    assert restore_run(root, "a") == root / "a"
    assert {path.name: path.read_bytes() for path in (root / "a").iterdir()} == before
    assert list_trash(root) == []


def test_runs_of_one_name_have_room_in_the_trash_but_not_outside(root: Path) -> None:
    for _ in range(3):
        delete_runs([root / "a"])
        create(root, "a").close()
    assert sorted(summary.name for summary in list_trash(root)) == ["a", "a-2", "a-3"]
    with pytest.raises(RunError, match=r"there is a run 'a' in .* again"):
        restore_run(root, "a")
    assert restore_run(root, "a-2").is_dir()


@pytest.mark.parametrize("name", ["c", "", ".", "..", "../a"])
def test_what_is_not_in_the_trash_cannot_be_restored(root: Path, name: str) -> None:
    delete_runs([root / "b"])
    with pytest.raises(RunError, match="in the trash of"):
        restore_run(root, name)
    with pytest.raises(RunError, match="in the trash already"):
        delete_runs([root / TRASH / "b"])


def test_an_emptied_trash_takes_nothing_else_with_it(root: Path) -> None:
    delete_runs([root / "a"])
    (root / TRASH / "link").symlink_to(root / "b")
    empty_trash(root)
    assert list((root / TRASH).iterdir()) == []
    assert names(root) == ["b"]
    empty_trash(root / "nowhere")


def test_a_note_stays_while_the_run_writes_its_summary(root: Path) -> None:
    run = Run.open(root / "a", wait=0)
    write_note(run.path, "  the one for the talk\nat noon\n")
    run.write_summary(epochs=3)
    summary = read_summary(run.path)
    assert (summary.note, summary.epochs) == ("the one for the talk\nat noon", 3)
    write_note(run.path, " ")
    assert not (run.path / NOTE_FILE).exists()
    run.close()


def test_a_note_is_bounded_and_harmless(root: Path) -> None:
    with pytest.raises(RunError, match=r"10,001 characters"):
        write_note(root / "a", "x" * (LONGEST_NOTE + 1))
    (root / "a" / NOTE_FILE).write_bytes(b"\x1b[31mred\x07\xff" + b"x" * 20_000)
    note = read_note(root / "a")
    assert note.startswith("[31mred") and len(note) < LONGEST_NOTE
    assert note.isprintable()


def invoke(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["runs", *arguments, "--runs-dir", str(root)])


def output(root: Path, *arguments: str) -> str:
    result = invoke(root, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_list_says_which_accuracies_are_not_of_the_test_digits(tmp_path: Path) -> None:
    for name, test in (("tested", 0.9712), ("going-on", None)):
        run = create(tmp_path, name)
        run.write_summary(validation_accuracy=0.98, test_accuracy=test)
        run.close()
    text = output(tmp_path)
    assert re.search(r"^tested .* 97.12% +quick", text, re.M) and re.search(r"^going-on .* 98.00% valid. +quick", text, re.M)


def test_the_list_shows_names_and_notes(root: Path) -> None:
    output(root, "note", "a", "a note that is too long to be shown in a line of the list")
    output(root, "rename", "b", "better")
    text = output(root)
    assert re.search(r"^a +\d{4}-\d\d-\d\d \d\d:\d\d  interrupted +0 +- +quick .* a note that is too long to be shown in …$", text, re.M)
    assert re.search(r"^better ", text, re.M)
    assert {item["name"]: item["note"][:6] for item in json.loads(output(root, "--json"))} == {"a": "a note", "better": ""}
    assert output(root, "note", "better") == "There is no note about better.\n"
    assert output(root, "note", "a").endswith("line of the list\n")
    assert output(root / "a") == f"There are no runs in {root / 'a'}.\n"


def test_the_way_to_the_trash_and_back(root: Path) -> None:
    assert output(root, "trash") == f"There are no runs in the trash of {root}.\n"
    assert output(root, "delete", "a", "b") == f"In the trash: {root / TRASH / 'a'}\nIn the trash: {root / TRASH / 'b'}\n"
    assert [item["name"] for item in json.loads(output(root, "trash", "--json"))] in (["a", "b"], ["b", "a"])
    assert output(root, "restore", "a") == f"Run: {root / 'a'}\n"

    unasked = invoke(root, "trash", "--empty")
    assert (unasked.exit_code, unasked.stderr) == (
        2,
        "Error: the trash is not emptied without a question\nSay --yes where nobody can answer.\n",
    )
    assert output(root, "trash", "--empty", "--yes") == "Deleted for good: 1 run.\n"
    assert names(root) == ["a"]


def test_several_are_marked_and_restored_at_once(root: Path) -> None:
    output(root, "mark", "a", "b")
    assert [item["is_marked"] for item in json.loads(output(root, "--json"))] == [True, True]
    assert invoke(root, "mark", "a", "c", "--off").exit_code == 2
    assert is_marked(root / "a"), "all or none"
    output(root, "delete", "a", "b")
    assert output(root, "restore", "a", "b") == f"Run: {root / 'a'}\nRun: {root / 'b'}\n"
    assert names(root) == ["a", "b"]


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
def test_a_person_is_asked_before_anything_is_gone_for_good(root: Path, answer: str, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    delete_runs([root / "a"])
    monkeypatch.setattr("tui.commandline.runs._is_answered", lambda: True)
    result = CliRunner().invoke(main, ["runs", "trash", "--empty", "--runs-dir", str(root)], input=answer)
    assert (result.exit_code, "Delete 1 run for good? [y/N]" in result.output) == (0, True)
    assert len(list_trash(root)) == left


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rename", "c", "d"], "there is no run 'c' in "),
        (["rename", "a", "b"], "there is already a run 'b' in "),
        (["delete", "a", "c"], "there is no run 'c' in "),
        (["restore", "a"], "there is no run 'a' in the trash of "),
    ],
)
def test_what_cannot_be_done_is_said(root: Path, arguments: list[str], expected: str) -> None:
    result = invoke(root, *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {expected}")
    assert names(root) == ["a", "b"]


def test_options_stand_after_the_command() -> None:
    result = CliRunner().invoke(main, ["runs", "--json", "trash"])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "Error: --json stands before trash")
