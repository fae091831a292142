"""The documentation says what the source says."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from engine.runs import runs_directory
from tui.settings import settings_file
from tui.state import state_file
from tui.worker_log import WorkerLog

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform == "win32", reason="the directories are not taken from the environment there")
def test_pictures_leave_the_users_own_directories_alone(generate: ModuleType) -> None:
    with generate.away_from_home() as directory:
        used = [state_file(), settings_file(), WorkerLog().path, runs_directory()]
        assert all(path.is_relative_to(directory) for path in used)
    assert not any(path.is_relative_to(directory) for path in (state_file(), settings_file()))


@pytest.mark.parametrize("name", ["hyperparameters", "keys"])
def test_generated_tables_are_up_to_date(name: str, generate: ModuleType) -> None:
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == getattr(generate, name)(), "run `make docs`"
