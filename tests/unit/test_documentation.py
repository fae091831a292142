"""The documentation says what the source says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["hyperparameters", "keys"])
def test_generated_tables_are_up_to_date(name: str) -> None:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec and spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == getattr(generate, name)(), "run `make docs`"
