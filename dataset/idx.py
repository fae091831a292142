"""Reads IDX files, the format of MNIST (http://yann.lecun.com/exdb/mnist), strictly.

A file is a magic number (two zero bytes, the type of the numbers, how many dimensions), the dimensions as big-endian 32-bit integers,
then the numbers. Nothing is allocated because a header says so: only bytes that the file really holds are kept, and a gzip stream is
unpacked no further than its header promises.
"""

from __future__ import annotations

import io
import math
import zlib
from pathlib import Path
from typing import NoReturn, Protocol

import numpy as np
import numpy.typing as npt

from dataset import MAXIMUM_CLASSES, MAXIMUM_SIDE, DatasetError
from dataset.files import MAXIMUM_BYTES, read

GZIP_MAGIC = b"\x1f\x8b"
IMAGES_MAGIC = b"\x00\x00\x08\x03"
LABELS_MAGIC = b"\x00\x00\x08\x01"
FIRST_LABEL = 8
"""The byte at which the labels begin."""

_TYPES = {0x08: "ubyte", 0x09: "byte", 0x0B: "short", 0x0C: "int", 0x0D: "float", 0x0E: "double"}
_BLOCK = 2**20


def read_images(path: Path, count: int | None = None) -> npt.NDArray[np.uint8]:
    """The images of an idx3-ubyte file, packed with gzip or not: [count, height, width], read-only.

    Raises DatasetError with file and byte, also where there are not ``count`` of them.
    """
    header, body = _parts(path, IMAGES_MAGIC, count)
    return np.frombuffer(body, np.uint8).reshape(_dimensions(header))


def read_first_images(path: Path, most: int) -> npt.NDArray[np.uint8]:
    """The first of the images, [count, height, width], read-only; what comes after them is not unpacked. Raises DatasetError."""
    header, body = _parts(path, IMAGES_MAGIC, most=most)
    return np.frombuffer(body, np.uint8).reshape(-1, *_dimensions(header)[1:])


def read_labels(path: Path) -> npt.NDArray[np.uint8]:
    """The labels of an idx1-ubyte file, packed with gzip or not: [count], read-only. Raises DatasetError with file and byte."""
    _, body = _parts(path, LABELS_MAGIC)
    labels = np.frombuffer(body, np.uint8)
    if labels.max() >= MAXIMUM_CLASSES:
        index = int(np.argmax(labels >= MAXIMUM_CLASSES))
        _refuse(f"{path}, byte {FIRST_LABEL + index}", f"the label {labels[index]} is above {MAXIMUM_CLASSES - 1}")
    return labels


def to_bytes(array: npt.NDArray[np.uint8]) -> bytes:
    """The IDX file, not packed, of images [count, height, width] or labels [count]."""
    magic = {3: IMAGES_MAGIC, 1: LABELS_MAGIC}[array.ndim]
    return magic + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def content(path: Path, magic: bytes) -> bytes:
    """The bytes of an IDX file that begins with ``magic``, unpacked, their size checked. Raises DatasetError with file and byte."""
    return b"".join(_parts(path, magic))


class _Stream(Protocol):
    def read(self, count: int, /) -> bytes: ...


def _parts(path: Path, magic: bytes, count: int | None = None, most: int | None = None) -> tuple[bytes, bytes]:
    """Header and numbers, each as long as the header says; with ``most`` the numbers of so many images only."""
    packed = read(path)
    is_packed = packed.startswith(GZIP_MAGIC)
    stream: _Stream = _Gzip(path, packed) if is_packed else io.BytesIO(packed)

    def refuse(offset: int, what: str) -> NoReturn:
        _refuse(f"{path}, byte {offset}{' unpacked' if is_packed else ''}", what)

    size = 4 + 4 * magic[3]
    header = stream.read(size)
    if header[:4] != magic:
        refuse(0, f"the file is {_kind(header[:4])}, where {_kind(magic)} is wanted")
    if len(header) < size:
        refuse(len(header), "the file ends within its header")
    dimensions = _dimensions(header)
    if count is not None and dimensions[0] != count:
        refuse(4, f"there are {dimensions[0]} images, but {count} labels")
    if not dimensions[0]:
        refuse(4, "the file is empty")
    for position, side in enumerate(dimensions[1:], start=2):
        if not 1 <= side <= MAXIMUM_SIDE:
            refuse(4 * position, f"an image side of {side} pixels; 1 to {MAXIMUM_SIDE} can be used")
    numbers = math.prod(dimensions)
    if numbers > MAXIMUM_BYTES:
        refuse(4, f"the header promises {numbers:,} bytes; at most {MAXIMUM_BYTES:,} are read")
    if most is not None:
        numbers = min(most, dimensions[0]) * math.prod(dimensions[1:])
    body = stream.read(numbers if most is not None else numbers + 1)
    if len(body) < numbers:
        refuse(size + len(body), f"the file ends here; its header promises {size + numbers:,} bytes")
    if len(body) > numbers:
        refuse(size + numbers, "the file goes on after the last number that its header promises")
    return header, body


def _dimensions(header: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(header[start : start + 4], "big") for start in range(4, len(header), 4))


def _kind(magic: bytes) -> str:
    if len(magic) == 4 and magic[:2] == b"\x00\x00" and magic[2] in _TYPES:
        return f"idx{magic[3]}-{_TYPES[magic[2]]}"
    return "no IDX file"


def _refuse(where: str, what: str) -> NoReturn:
    raise DatasetError(f"{where}: {what}", "The file is damaged or of another kind: get it again.")


class _Gzip:
    """Unpacks a gzip stream as far as it is read. Raises DatasetError with file and byte."""

    def __init__(self, path: Path, packed: bytes) -> None:
        self._path = path
        self._packed = packed
        self._position = 0
        self._stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    def read(self, count: int, /) -> bytes:
        """``count`` bytes; fewer only where the stream ends, its checksum then checked."""
        parts = []
        while count and not self._stream.eof and self._position < len(self._packed):
            block = self._packed[self._position : self._position + _BLOCK]
            try:
                parts.append(self._stream.decompress(block, count))
            except zlib.error as error:
                self._refuse(f"the gzip stream is damaged here or up to {len(block)} bytes on ({error})")
            left = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            self._position += len(block) - len(left)
            count -= len(parts[-1])
        if count and not self._stream.eof:
            self._refuse("the gzip stream ends early")
        if self._stream.eof and self._position < len(self._packed):
            self._refuse("the file goes on after the end of the gzip stream")
        return b"".join(parts)

    def _refuse(self, what: str) -> NoReturn:
        _refuse(f"{self._path}, byte {self._position}", what)
