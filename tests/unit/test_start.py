"""How ``digits-tui`` begins, whatever happens meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from tui import __main__ as start
from tui.commandline.errors import reported

COMMAND = [sys.executable, "-P", "-m", "tui"]


class Interrupting:
    """A finder of modules at whose work Ctrl+C is pressed."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "tui.cli":
            raise KeyboardInterrupt
        return None


def test_ctrl_c_while_it_is_imported_is_an_interruption_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting, *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 130


class Interrupted:
    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_while_a_class_is_made_is_an_interruption_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, reported():
        type("Made", (), {"field": Interrupted()})
    assert (ended.value.code, capsys.readouterr().err) == (130, "")


def closing(*descriptors: int) -> Callable[[], None]:
    """As a shell does it by ``>&-``."""
    return lambda: [os.close(descriptor) for descriptor in descriptors] and None


def test_what_is_opened_later_does_not_take_the_place_of_a_closed_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    start.stand_in_for_closed_streams()
    with sys.stdout:
        assert os.get_inheritable(sys.stdout.fileno())
        assert sys.stdout.write("to nowhere")


@pytest.mark.skipif(os.name == "nt", reason="there they cannot be closed so")
@pytest.mark.parametrize("descriptors", [(1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_failure(tmp_path: Path, descriptors: Sequence[int]) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run([*COMMAND, "runs", "--runs-dir", tmp_path / "none"], env=environment, preexec_fn=closing(*descriptors))
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has it")
@pytest.mark.parametrize(("arguments", "code"), [(["presets"], 1), (["export", "--help"], 1), (["nothing"], 2)])
def test_streams_that_take_nothing_more_are_told_of(tmp_path: Path, arguments: list[str], code: int) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    with FULL.open("w") as full:
        silent = subprocess.run([*COMMAND, *arguments], env=environment, stdout=full, stderr=full)
        done = subprocess.run([*COMMAND, *arguments], env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (silent.returncode, done.returncode) == (code, code)
    if code == 1:
        assert done.stderr.splitlines() == [
            "Error: the output cannot be written: No space left on device", "Make room where it goes, or send it elsewhere."
        ]  # fmt: skip
    assert list(tmp_path.iterdir()) == []
