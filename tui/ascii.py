"""For terminals without Unicode: the last thing before the screen, every character beyond ASCII becomes one that is like it."""

# ruff: noqa: RUF001

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

ALIKE = {
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋●◉✓✔",
    "-": "─━═╌┄┈╴╶╸╺−–—",
    "|": "│┃║╎┆┊╵╷╹╻▏▎▍▌▐▕",
    "_": "▁▂",
    "=": "▃▄▅",
    '"': "▔▀“”",
    "#": "▆▇█■▉▊▋▓",
    ".": "░·…",
    "%": "▒",
    "<": "←◀◂‹≤",
    ">": "→▶▸›≥",
    "^": "↑▲▴⇧",
    "v": "↓▼▾",
    "x": "✗✘×",
    "o": "○◌◯",
    "*": "•★",
    "'": "‘’",
    "~": "±≈",
    "/": "÷",
    "> ": "🔎",
}
LIKENESSES = {character: plain for plain, characters in ALIKE.items() for character in characters}
BRAILLE = 0x2800
ROWS = (0x01 | 0x08, 0x02 | 0x10, 0x04 | 0x20, 0x40 | 0x80)
"""The dots of a braille character, from the top row to the bottom one."""
STROKES = ("'", "-", ".", "_")


class Ascii(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [segment if segment.text.isascii() else Segment(plain(segment.text), segment.style, segment.control) for segment in segments]


def is_ascii(app: App[object]) -> bool:
    """Whether nothing but ASCII reaches the screen of an app."""
    return any(isinstance(item, Ascii) and item.enabled for item in app.get_line_filters())


@lru_cache(4096)
def plain(text: str) -> str:
    """The text in ASCII, as wide as it was."""
    return "".join(character if character.isascii() else _like(character) for character in text)


def _like(character: str) -> str:
    if character in LIKENESSES:
        return LIKENESSES[character]
    if 0 <= ord(character) - BRAILLE < 256:
        return _stroke(ord(character) - BRAILLE)
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    width = cell_len(character)
    return letters if letters and len(letters) == width else "?" * width


def _stroke(dots: int) -> str:
    """A stroke at the height of a braille character's dots; a colon where it is steep."""
    rows = [row for row, mask in enumerate(ROWS) if dots & mask]
    if not rows:
        return " "
    return ":" if rows[-1] - rows[0] > 1 else STROKES[rows[-1]]
