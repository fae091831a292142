"""Hyperparameters written to a file that may be there already."""

from __future__ import annotations

from pathlib import Path

from engine.hyperparameters.definitions import Hyperparameters
from engine.presets import preset
from tui.form.files import Reading, Writing


def test_a_file_that_is_there_is_replaced_only_when_asked_for_twice(tmp_path: Path) -> None:
    path = str(tmp_path / "mine.toml")
    assert Writing(Hyperparameters()).problem(path) == ""
    other = Writing(preset("readme").hyperparameters)
    before = Path(path).read_text()
    assert "is there already" in other.problem(path)
    assert Path(path).read_text() == before
    assert other.problem(path) == ""
    reading = Reading()
    assert reading.problem(path) == ""
    assert reading.values == preset("readme").hyperparameters


def test_writing_the_same_again_asks_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "mine.toml")
    assert Writing(Hyperparameters()).problem(path) == ""
    assert Writing(Hyperparameters()).problem(path) == ""
