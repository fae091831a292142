"""A worker that is killed, at any moment: `python -m tests.bench.kill` does the same more often."""

from __future__ import annotations

from pathlib import Path

from tests.bench.kill import EPOCHS, kill_and_resume
from tests.faults.scale import scaled


def test_a_run_that_is_killed_at_any_moment_ends_as_if_nothing_had_been(tmp_path: Path, digits_directory: Path) -> None:
    kills = kill_and_resume(scaled(5, 200), 1, tmp_path, digits_directory)
    assert any(0 < kill.told < EPOCHS for kill in kills), "some kills hit a run that was going on"
