"""Inputs that lead a parser wherever it can go, made up by atheris: in the full form, where that is installed (`pip install atheris`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.scale import FULL
from tests.faults.test_parsers import READERS, SLOW

if not FULL:
    pytest.skip("only in the full form", allow_module_level=True)
pytest.importorskip("atheris")

INPUTS = 50_000
PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", READERS)
def test_input_that_is_led_through_the_code_is_taken_or_refused(tmp_path: Path, name: str) -> None:
    runs = INPUTS // SLOW.get(name, 1)
    command = [sys.executable, "-m", "tests.faults.guided_parser", name, str(tmp_path), str(runs)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, errors="replace", timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {runs} runs" in done.stderr
