"""What a person may have meant who misspelt a name. It is here because every other package may import this one."""

from __future__ import annotations

from collections.abc import Iterable

SIMILARITY = 0.5
"""Of 1: the least that two names are taken for one; ``epochs`` and ``training.epochs`` have 0.57."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a sentence about a name that is none of ``names``: the nearest of them, or nothing where none is near."""
    import difflib  # here, so that no start waits for it

    near = difflib.get_close_matches(name, list(names), n=1, cutoff=SIMILARITY)
    return f"; did you mean {near[0]}?" if near else ""
