"""Reads what libFuzzer makes up, led by the lines of code that it reaches.

Its arguments: one of the readers' names, a directory of its own, and how many inputs to try.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["dataset", "engine", "tui"]):
    from tests.faults.test_parsers import READERS, attempt
    from tui import state


def main() -> None:
    name, directory, runs = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    reader, corpus = READERS[name], directory / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(reader.seeds(directory)):
        (corpus / str(number)).write_bytes(seed)
    state.note = lambda line: None
    limits = ["-max_len=20000", "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={directory}/"]
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-runs={runs}", "-seed=1", *limits], lambda content: attempt(reader, directory / reader.name, content)
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
