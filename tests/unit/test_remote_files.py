"""What a worker is told of the files here."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands import Configure
from engine.runs.names import RUNS_DIRECTORY_VARIABLE
from tui.processes.remote_files import RemoteFiles


@pytest.mark.parametrize("chosen", [None, Path("here")])
def test_a_worker_that_turns_out_to_be_on_this_machine_keeps_runs_where_they_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: Path | None
) -> None:
    monkeypatch.setenv(RUNS_DIRECTORY_VARIABLE, str(tmp_path / "here"))
    monkeypatch.chdir(tmp_path)
    files = RemoteFiles("ssh localhost digits-tui worker", chosen)
    files.begin()
    configure = files.configured(Configure(runs_directory=str(chosen) if chosen else None))
    files.end()
    assert configure.runs_directory == str(tmp_path / "here")
