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
    hints: tuple[str, ...] = ()
    """The kinds of hints that it explains."""
    shown: tuple[str, ...] = ()
    """The screens and pages, ``mode`` or ``mode.page``, where it is the first thing to be asked about."""


@cache
def terms() -> tuple[Term, ...]:
    """In alphabetical order, capitals or not."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["term"]
    found = (
        Term(name=entry["name"], text=entry["text"], **{kind: tuple(entry.get(kind, ())) for kind in ("keys", "hints", "shown")})
        for entry in entries
    )
    return tuple(sorted(found, key=lambda term: term.name.casefold()))


def term_of(key: str) -> Term | None:
    """The term that explains a hyperparameter."""
    return next((term for term in terms() if key in term.keys), None)


def term_of_hint(kind: str) -> Term | None:
    return next((term for term in terms() if kind in term.hints), None)


def term_of_page(page: str) -> Term | None:
    return next((term for term in terms() if page in term.shown), None)


def beginning_with(text: str) -> int | None:
    """The place of the first term that begins so."""
    return next((place for place, term in enumerate(terms()) if term.name.casefold().startswith(text.casefold())), None)
