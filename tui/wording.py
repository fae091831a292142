"""Words that come from elsewhere, as the screens show them."""

from __future__ import annotations

from typing import Protocol


class Advising(Protocol):
    """An error that says what is wrong and what to do, as those of the engine and of the data sets do."""

    message: str
    advice: str


def with_advice(error: Advising) -> str:
    """What is wrong, and what to do, in a line."""
    return f"{error.message}. {error.advice}"


def in_one_line(text: str) -> str:
    """Text of whatever kind, without what a terminal would obey."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
