"""Every term on screen, explained in a paragraph."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Term:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    """The hyperparameters that it explains."""


@cache
def terms() -> tuple[Term, ...]:
    """In alphabetical order, capitals or not."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["term"]
    found = (Term(name=entry["name"], text=entry["text"], keys=tuple(entry.get("keys", ()))) for entry in entries)
    return tuple(sorted(found, key=lambda term: term.name.casefold()))


def term_of(key: str) -> Term | None:
    """The term that explains a hyperparameter."""
    return next((term for term in terms() if key in term.keys), None)


def beginning_with(text: str) -> int | None:
    """The place of the first term that begins so."""
    return next((place for place, term in enumerate(terms()) if term.name.casefold().startswith(text.casefold())), None)
