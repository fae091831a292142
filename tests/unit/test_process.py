import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine import process


def test_memory_is_told_in_mebibytes_whatever_unit_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=3 * 2**20))
    monkeypatch.setattr(sys, "platform", "linux")
    assert process.peak_mebibytes() == 3 * 2**10
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process.peak_mebibytes() == 3
    monkeypatch.setattr(sys, "platform", "win32")
    assert process.peak_mebibytes() is None


def problem(*argv: str) -> str:
    try:
        subprocess.Popen(argv)
    except (OSError, ValueError) as error:
        return process.start_problem(error, argv)
    raise AssertionError("it was started")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows names no program in its errors")
def test_why_a_command_cannot_be_started_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("")
    assert problem("nosuchcmd", "worker") == "there is no program nosuchcmd"
    assert problem(str(file)) == f"{file} may not be run"
    file.chmod(0o700)
    assert problem(str(file)) == f"{file}: Exec format error"
    assert process.start_problem(FileNotFoundError(2, "No such file", "/log"), ["worker"]) == "/log: No such file"


def test_processors_are_those_that_this_process_may_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert process.usable_processors() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert process.usable_processors() == 8
