"""Where a worker's standard error goes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tui.processes.log import ProcessLog


def test_where_the_home_directory_cannot_be_written_to_a_temporary_file_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("no directory")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    log = ProcessLog(tmp_path / "home" / "worker.log")
    for line in (b"first\n", b"second\n"):
        with log.open() as file:
            file.write(line)
    log.write(b"third\n")
    assert log.path.parent == tmp_path
    assert log.path.read_bytes() == b"first\nsecond\nthird\n"
    assert log.tail() == "second\nthird"


def test_last_words_are_of_one_line_that_can_be_shown(tmp_path: Path) -> None:
    log = ProcessLog(tmp_path / "worker.log")
    for written, words in (
        (b"", ""),
        (b"Warning\nroot@box:\t\x1b[31mPermission denied\n \n", "root@box: [31mPermission denied"),
        (b"\n", ""),
    ):
        with log.open() as file:
            file.write(written)
        assert log.last_words() == words
