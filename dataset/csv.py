"""Reads digits from CSV: a line an image, its label, then its pixels row by row, 0 to 255; with a header line or without.

The fast path works on whole blocks of lines at once, a byte an element, without a loop over fields. What it does not recognise goes
through the slow path, field by field, which finds the damage and names it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, DatasetError
from dataset.files import read

Bytes = npt.NDArray[np.uint8]

_BLOCK = 2**18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Table:
    """Square images, [count, height * width], their labels, [count], and the line on which the first stands."""

    images: Bytes
    labels: Bytes
    first_line: int

    @property
    def side(self) -> int:
        return math.isqrt(self.images.shape[1])


def read_table(path: Path) -> Table:
    """All images of a CSV file. Raises DatasetError with file, line and column, both from 1; a column is a field."""
    data = read(path).removeprefix(_BYTE_ORDER_MARK).rstrip(b"\r\n")
    first_end = _line_end(data, 0)
    first = data[:first_end].removesuffix(b"\n").removesuffix(b"\r")
    reader = _Reader(path, _columns(path, first))
    first_line = 2 if reader.is_header(first) else 1
    start, line = (first_end if first_line == 2 else 0), first_line
    blocks = []
    while start < len(data):
        end = data.rfind(b"\n", start, start + _BLOCK) + 1 or _line_end(data, start)
        block = data[start:end].replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n"
        blocks.append(reader.parse(block, line))
        line += len(blocks[-1])
        start = end
    if not blocks:
        _refuse(path, line, 1, "the file holds no images")
    labels = np.concatenate([block[:, 0] for block in blocks])
    images = np.concatenate([block[:, 1:] for block in blocks])
    return Table(images, labels, first_line)


@dataclass(frozen=True)
class _Reader:
    path: Path
    columns: int

    def is_header(self, line: bytes) -> bool:
        """Whether a first line names its columns, each differently. One that only lacks a proper label is damaged, not a header."""
        first, *others = fields = line.split(b",")
        return _number(first) is None and any(_number(field) is None for field in others) and len(set(fields)) == len(fields)

    def parse(self, block: bytes, line: int) -> Bytes:
        """The numbers of whole lines, [lines, columns]; ``line`` is the number of the first. Raises DatasetError."""
        numbers = _parse_fast(np.frombuffer(block, np.uint8), self.columns)
        return self._parse_slowly(block, line) if numbers is None else numbers

    def _parse_slowly(self, block: bytes, line: int) -> Bytes:
        lines = block.removesuffix(b"\n").split(b"\n")
        rows = np.empty((len(lines), self.columns), np.uint8)
        for index, text in enumerate(lines):
            fields = text.split(b",")
            if not text:
                _refuse(self.path, line + index, 1, "the line is empty")
            for column, field in enumerate(fields[: self.columns]):
                number = _number(field)
                if number is None:
                    shown = field[:20].decode("latin-1")
                    _refuse(self.path, line + index, column + 1, f"{shown!r} is not a whole number from 0 to 255")
                if column == 0 and number >= MAXIMUM_CLASSES:
                    _refuse(self.path, line + index, 1, f"the label {number} is above {MAXIMUM_CLASSES - 1}")
                rows[index, column] = number
            if len(fields) != self.columns:
                column = min(len(fields), self.columns) + 1
                _refuse(self.path, line + index, column, f"the line has {len(fields)} columns, where {self.columns} are wanted")
        return rows


def _parse_fast(text: Bytes, columns: int) -> Bytes | None:
    """The numbers of whole lines, [lines, columns], or nothing where a byte, a number or a line is not as it should be."""
    digits = text - ord("0")
    is_digit = digits < 10
    ends = np.flatnonzero(~is_digit)
    if ends.size % columns:
        return None
    separators = text[ends].reshape(-1, columns)
    if not ((separators[:, :-1] == ord(",")).all() and (separators[:, -1] == ord("\n")).all()):
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    digits *= is_digit
    values = digits.astype(np.uint16)
    values[1:] += digits[:-1] * np.uint16(10)
    values[2:] += digits[:-2] * (is_digit[1:-1] * np.uint16(100))
    numbers = values[ends - 1]
    if numbers.max() > 255:
        return None
    table = numbers.astype(np.uint8).reshape(-1, columns)
    return table if table[:, 0].max() < MAXIMUM_CLASSES else None


def _columns(path: Path, line: bytes) -> int:
    """How many columns the first line has. Raises DatasetError unless they are a label and the pixels of a square."""
    if not line:
        _refuse(path, 1, 1, "the file is empty, or begins with an empty line")
    columns = line.count(b",") + 1
    side = math.isqrt(columns - 1)
    if side * side != columns - 1 or not 1 <= side <= MAXIMUM_SIDE:
        wanted = f"a label and the pixels of a square image up to {MAXIMUM_SIDE}x{MAXIMUM_SIDE} (785 for 28x28) are wanted"
        _refuse(path, 1, columns, f"the line has {columns} columns, where {wanted}")
    return columns


def _line_end(data: bytes, start: int) -> int:
    return data.find(b"\n", start) + 1 or len(data)


def _number(field: bytes) -> int | None:
    """A whole number from 0 to 255 in up to three digits, or nothing."""
    if not (1 <= len(field) <= 3 and field.isdigit()):
        return None
    number = int(field)
    return number if number <= 255 else None


def _refuse(path: Path, line: int, column: int, what: str) -> NoReturn:
    raise DatasetError(f"{path}, line {line}, column {column}: {what}", "Correct that line, or get the file again.")
