"""Lines that stay, and one that says how far it is."""

from __future__ import annotations

import sys

import pytest

from tui.commandline.live_lines import LiveLines


@pytest.mark.parametrize(
    ("terminal", "shown"), [("xterm", "\r\x1b[K\rhalf\x1b[K\r\x1b[KNote: done\n"), ("dumb", "Note: done\n")], ids=["xterm", "dumb"]
)
def test_a_terminal_that_takes_nothing_back_gets_the_lines_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: str, shown: str
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    lines = LiveLines()
    lines.line("begun")
    lines.status("half")
    lines.note("done")
    assert capsys.readouterr() == ("begun\n", shown)
