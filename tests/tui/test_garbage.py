"""When garbage is collected: where no key is held up, but often enough for a person who never rests."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tui import garbage
from tui.garbage import INTERVAL, LONGEST, QUIET, Tidier


class Interpreter:
    """A clock and a collector that a test reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.collected, self.waiting = 0.0, [], 1  # type: ignore[var-annotated]
        collector = SimpleNamespace(
            freeze=lambda: None,
            get_threshold=lambda: (700, 10, 10),
            set_threshold=lambda *thresholds: None,
            get_count=lambda: (0, 0, self.waiting),
            collect=lambda: self.collected.append(self.now),
        )
        monkeypatch.setattr(garbage, "gc", collector)
        monkeypatch.setattr(garbage, "time", SimpleNamespace(monotonic=lambda: self.now))


def test_garbage_is_collected_when_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = Interpreter(monkeypatch)
    tidier = Tidier()
    for interpreter.now in (QUIET / 2, 2 * QUIET):
        tidier.tidy()
    assert interpreter.collected == [2 * QUIET]
    interpreter.now, interpreter.waiting = 5 * QUIET, 0
    tidier.tidy()
    assert interpreter.collected == [2 * QUIET], "there is none"


def test_garbage_is_collected_all_the_same_where_it_is_never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = Interpreter(monkeypatch)
    tidier = Tidier()
    while interpreter.now < 4 * LONGEST:
        interpreter.now += INTERVAL
        tidier.notice_key()
        tidier.tidy()
    assert len(interpreter.collected) == 3
