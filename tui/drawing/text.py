"""Drawings as text: the JSON of their operations, and art of characters."""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from dataset import image
from tui.drawing.strokes import MOST_POINTS, SIDE, Levels, Operation, Picture, Stroke, Whole
from tui.shades import SHADES

VERSION = 1
DECIMALS = 4
MOST_OPERATIONS = 2_000
BLOCKS = {"█": (255, 255), "▓": (191, 191), "▒": (128, 128), "░": (64, 64), "▀": (255, 0), "▄": (0, 255)}
"""Ink of the upper and the lower half."""
MOST_ART = 1_000
"""Lines and columns of art that are looked at."""


class DrawingError(ValueError):
    """Says what is wrong with it."""


def plain(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """What JSON can hold."""
    return [_plain(operation) for operation in operations]


def _plain(operation: Operation) -> dict[str, Any]:
    match operation:
        case Stroke():
            points = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in operation.points]
            return {"stroke": points, "width": operation.width, "erases": operation.erases}
        case Picture():
            return {"picture": base64.b64encode(zlib.compress(operation.levels.tobytes())).decode()}
        case Whole():
            return {"whole": operation.value}


def from_plain(items: Any) -> tuple[Operation, ...]:
    """Raises DrawingError."""
    if not isinstance(items, list) or len(items) > MOST_OPERATIONS:
        raise DrawingError(f"a drawing is a list of at most {MOST_OPERATIONS:,} strokes")
    try:
        operations = tuple(_operation(item) for item in items)
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, zlib.error) as error:
        raise DrawingError(f"not a drawing of this program ({type(error).__name__}: {str(error)[:200]})") from error
    if sum(len(operation.points) for operation in operations if isinstance(operation, Stroke)) > MOST_POINTS:
        raise DrawingError(f"its strokes have more than {MOST_POINTS:,} points")
    return operations


def _operation(item: dict[str, Any]) -> Operation:
    if "picture" in item:
        unpacked = zlib.decompressobj().decompress(base64.b64decode(item["picture"], validate=True), SIDE * SIDE + 1)
        return Picture(np.frombuffer(unpacked, np.uint8).reshape(SIDE, SIDE))
    if "whole" in item:
        return Whole(item["whole"])
    points = tuple((float(x), float(y)) for x, y in item["stroke"])
    width = float(item["width"])
    if not points or not 0 < width <= 1 or not all(math.isfinite(value) and -1 <= value <= 2 for point in points for value in point):
        raise ValueError("a stroke has points, from 0 to 1, and a width up to 1")
    return Stroke(points, width, bool(item["erases"]))


def to_json(operations: Sequence[Operation]) -> str:
    return json.dumps({"digits-tui drawing": VERSION, "operations": plain(operations)}, indent=1) + "\n"


def from_json(text: str | bytes) -> tuple[Operation, ...]:
    """Raises DrawingError."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DrawingError(f"no JSON ({error})") from error
    if not isinstance(values, dict) or values.get("digits-tui drawing") != VERSION:
        raise DrawingError(f"not a drawing of this program in its version {VERSION}")
    operations = from_plain(values.get("operations"))
    if not operations:
        raise DrawingError("nothing is drawn in it")
    return operations


def from_art(text: str) -> Levels:
    """A drawing in characters, each twice as high as wide: the shades of this program, blocks, or any other for full ink.

    Raises DrawingError where there is nothing but blanks.
    """
    lines = [line.rstrip()[:MOST_ART] for line in text.expandtabs().splitlines()[:MOST_ART]]
    width = max((len(line) for line in lines), default=0)
    ink = np.zeros((2 * len(lines), width), np.uint8)
    for number, line in enumerate(lines):
        for column, character in enumerate(line):
            ink[2 * number : 2 * number + 2, column] = _ink(character)
    if not ink.size or not image.has_ink(ink / 255):
        raise DrawingError("it shows nothing")
    return image.fit(ink / 255, SIDE, SIDE)


def _ink(character: str) -> tuple[int, int]:
    if character in SHADES:
        shade = 255 * SHADES.index(character) // (len(SHADES) - 1)
        return shade, shade
    return BLOCKS.get(character, (0, 0) if character.isspace() else (255, 255))
