"""How what is missing is installed."""

from __future__ import annotations

import importlib.util
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from engine.extras import how_to_install, packages

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_packages_are_those_of_the_project(extra: str) -> None:
    assert sorted(map(plain, packages(extra))) == sorted(map(plain, EXTRAS[extra]))


def plain(requirement: str) -> list[str]:
    """Whatever the order of its bounds."""
    return sorted(requirement.lower().replace(">", ",>").replace("<", ",<").split(","))


@pytest.mark.parametrize(
    ("has_pip", "begin"),
    [(True, [sys.executable, "-m", "pip", "install"]), (False, ["uv", "pip", "install", "--python", sys.executable])],
)
def test_the_command_installs_where_this_runs(has_pip: bool, begin: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if has_pip else None)
    words = shlex.split(how_to_install("qmc").partition(": ")[2])
    assert words[:-1] == begin and words[-1].startswith("scipy")
