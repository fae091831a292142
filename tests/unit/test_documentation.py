"""The documentation says what the source says."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from engine.commands import COMMANDS
from engine.events import EVENTS
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.runs.metrics import COLUMNS
from engine.runs.names import runs_directory
from tui.processes.log import ProcessLog
from tui.screens.mode import SMALLEST
from tui.settings import settings_file
from tui.state import state_file

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BENCH = ROOT / "tests" / "bench"
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", BENCH / "README.md", BENCH.parent / "README.md"]
BRITISH = re.compile(r"\w*(?:regulari|normali|optimi|initiali|minimi|maximi|generali)s(?:e|ation|ing)\w*", re.IGNORECASE)
"""Of words that hyperparameters are named by, so that one screen does not have both."""


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
        used = [state_file(), settings_file(), ProcessLog().path, runs_directory()]
        assert all(path.is_relative_to(directory) for path in used)
    assert not any(path.is_relative_to(directory) for path in (state_file(), settings_file()))


def test_the_smallest_terminal_is_that_of_the_screens() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert "any terminal of {} columns and {} rows or more".format(*SMALLEST) in readme


def test_every_column_of_the_metrics_is_explained() -> None:
    protocol = (DOCS / "protocol.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in protocol.splitlines() if line.startswith("| `")]
    assert set(COLUMNS) <= {name for cell in cells for name in re.findall("`(.+?)`", cell)}


@pytest.mark.parametrize("name", ["hyperparameters", "keys"])
def test_generated_tables_are_up_to_date(name: str, generate: ModuleType) -> None:
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == getattr(generate, name)(), "run `make docs`"


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCH.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")))
def test_a_benchmark_says_the_one_way_to_start_it(name: str) -> None:
    text = (BENCH / f"{name}.py").read_text(encoding="utf-8")
    started = re.findall(r"^python .*?(?= \[|$)", text, re.MULTILINE)
    assert all(way.startswith(f"python -m tests.bench.{name}") for way in started)
    assert started or name == "busy_worker", "that one is started by another"
    assert f"{name}.py" not in text
    assert text.count("ArgumentParser(") == text.count(f'ArgumentParser(prog="python -m tests.bench.{name}"')


def test_a_benchmark_is_started_in_the_way_it_says() -> None:
    command = [sys.executable, "-m", "tests.bench.compare", "--help"]
    usage = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert usage.startswith("usage: python -m tests.bench.compare [-h]")


def test_a_benchmark_that_needs_a_run_says_so() -> None:
    command = [sys.executable, "-m", "tests.bench.browser"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    usage, wanted = refused.stderr.splitlines()
    assert refused.returncode == 2 and usage == "usage: python -m tests.bench.browser [-h] RUN [PICTURE] [CHROMIUM]"
    assert wanted == "python -m tests.bench.browser: error: the following arguments are required: RUN"


@pytest.mark.parametrize(("title", "names"), [("Commands", COMMANDS), ("Events", EVENTS)])
def test_the_protocol_has_every_command_and_event_in_its_table(title: str, names: Mapping[str, object]) -> None:
    section = (DOCS / "protocol.md").read_text(encoding="utf-8").partition(f"### {title}\n")[2].partition("\n### ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(name for cell in cells for name in re.findall(r"`(\w+)`", cell)) == sorted(names)


@pytest.mark.parametrize("path", [*TEXTS, *sorted(DOCS.glob("*.md"))], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_text_links_to_or_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = [path.parent / target for target in re.findall(r"\]\((?!https?:)([^)#]+)", text)]
    named = [ROOT / name for name in re.findall(r"`((?:engine|shaders|tui|tests|docs|dataset)/[\w./]*\.\w+)`", text)]
    assert [target for target in linked + named if not target.exists()] == []


def test_terms_are_spelled_as_hyperparameters_are() -> None:
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "tui" / "glossary.toml", *DOCS.glob("*.md"), *DOCS.glob("*.svg")]
    texts = [path.read_text(encoding="utf-8") for path in files] + [f"{leaf.title} {leaf.help}" for leaf in HYPERPARAMETERS.values()]
    assert [found.group() for text in texts for found in BRITISH.finditer(text)] == []
