"""A safetensors file that says what it holds and proves that it is whole; written atomically, and checked before anything is believed.

The header's metadata has one entry, ``digits-tui``: JSON with ``format_version``, ``kind``, ``content`` (what the kind needs),
``content_sha256`` (over the content's JSON) and ``data_sha256`` (over the tensor data). https://github.com/huggingface/safetensors
describes the format around it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import safetensors
import safetensors.numpy

from engine.advised_error import AdvisedError
from engine.network import Floats
from engine.storage.files import atomic_write

FORMAT_VERSION = 1
METADATA_KEY = "digits-tui"
MAXIMUM_HEADERS = {"model": 2**18, "checkpoint": 6 * 2**20}
"""Bytes, by kind; above it, a header is refused unread. A checkpoint's holds two figures of each epoch so far."""
MAXIMUM_VALUES = 400_000
"""Numbers, texts, lists and tables in a header; with more, it is refused before it is parsed."""
LENGTH_BYTES = ALIGNMENT = 8
MOST_SHOWN = 200
"""Characters."""
BLOCK = 2**20
"""Bytes hashed at a time."""
ADVICE = "Use another model file, or train the network again."

Shapes = Mapping[str, tuple[int, ...]]
Tensors = Mapping[str, Floats]
Content = TypeVar("Content")


class ModelFileError(AdvisedError, ValueError):
    """A file that cannot be used."""

    def __init__(self, message: str, advice: str = ADVICE) -> None:
        super().__init__(message, advice)


class LaterVersionError(ModelFileError):
    """A whole file, as far as can be told, of a digits-tui that came after this one."""


def write(path: Path, kind: str, content: Mapping[str, Any], tensors: Tensors) -> None:
    """Writes tensors with their description, which must be fit for JSON. Raises OSError, and ValueError for a number that is not finite."""
    header, data = _split(safetensors.numpy.save(dict(tensors)))
    document = {
        "format_version": FORMAT_VERSION,
        "kind": kind,
        "content": content,
        "content_sha256": _sha256(_dumps(content).encode()),
        "data_sha256": _sha256(data),
    }
    text = _dumps({"__metadata__": {METADATA_KEY: _dumps(document)}, **json.loads(header)}).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    atomic_write(path, len(text).to_bytes(LENGTH_BYTES, "little") + text, data)


def read(path: Path, kind: str, interpret: Callable[[dict[str, Any]], tuple[Content, Shapes]]) -> tuple[Content, Tensors]:
    """The content and the tensors of a file that ``write`` wrote. ``interpret`` makes sense of the content and says which tensors
    belong to it; it may raise ModelFileError.

    Nothing large is allocated before the header, the names, shapes and sizes, and the hash of the numbers are found right, and nothing
    is returned unless every number is finite. Raises ModelFileError.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelFileError(f"{path} is not a file", "Give a run's directory, or a file in it.")
        with open(path, "rb") as file:  # noqa: PTH123
            size = os.fstat(file.fileno()).st_size
            header = _read_header(path, file, size, MAXIMUM_HEADERS[kind])
            plain, data_sha256 = _plain_content(path, kind, header)
            content, shapes = interpret(plain)
            end = file.tell() + _check_tensors(path, header, shapes)
            if end != size:
                raise _damaged(path, f"it has {size:,} bytes where {end:,} belong")
            if _rest_sha256(file) != data_sha256:
                raise _damaged(path, "its numbers are not those that were written")
            file.seek(0)
            raw = file.read(size)
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}", "Check the path and its permissions.") from None
    try:
        tensors: Tensors = safetensors.numpy.load(raw)
    except safetensors.SafetensorError as error:
        raise _damaged(path, str(error)) from None
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ModelFileError(f"{path}: the tensor {name} holds numbers that are not finite")
    return content, tensors


def shown(value: object) -> str:
    """What a file says, fit for a sentence: short and printable."""
    return "".join(character if character.isprintable() else "?" for character in str(value)[:MOST_SHOWN])


def _damaged(path: Path, what: str) -> ModelFileError:
    return ModelFileError(f"{path} is damaged: {what}")


def _sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _rest_sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _dumps(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _split(raw: bytes) -> tuple[bytes, memoryview]:
    """The header and the tensor data of a safetensors file."""
    start = LENGTH_BYTES + int.from_bytes(raw[:LENGTH_BYTES], "little")
    return raw[LENGTH_BYTES:start], memoryview(raw)[start:]


def _read_header(path: Path, file: BinaryIO, size: int, maximum: int) -> dict[str, Any]:
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if size < LENGTH_BYTES or length > min(size - LENGTH_BYTES, maximum):
        raise ModelFileError(f"{path} is not a safetensors file of ours, or is cut short")
    text = file.read(length)
    if sum(map(text.count, (b",", b":", b"[", b"{"))) > MAXIMUM_VALUES:
        raise ModelFileError(f"{path} is not a safetensors file of ours: its header holds too much")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise ModelFileError(f"{path} is not a safetensors file: its header is not JSON") from None
    if not isinstance(header, dict):
        raise ModelFileError(f"{path} is not a safetensors file: its header is not a table")
    return header


def _plain_content(path: Path, kind: str, header: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The content, and the hash that the tensor data must have; takes the metadata out of ``header``."""
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or metadata.keys() != {METADATA_KEY}:
        raise ModelFileError(f"{path} was not written by digits-tui")
    try:
        text = metadata[METADATA_KEY]
        document = json.loads(text)
        version, found, content = document["format_version"], document["kind"], document["content"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise LaterVersionError(
                f"{path} has format version {shown(version)}; this version of digits-tui reads up to {FORMAT_VERSION}",
                "Update digits-tui to read it.",
            )
        if version != FORMAT_VERSION or text != _dumps(document) or _sha256(_dumps(content).encode()) != document["content_sha256"]:
            raise _damaged(path, "its description is not the one that was written")
        if found != kind:
            raise ModelFileError(
                f"{path} holds a {shown(found)}, where a {kind} is wanted", f"Give a run's directory, or its {kind}.safetensors."
            )
        return dict(content), str(document["data_sha256"])
    except ModelFileError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(path, "its description cannot be understood") from None


def _check_tensors(path: Path, header: dict[str, Any], shapes: Shapes) -> int:
    """The bytes that tensors of these shapes take. Raises ModelFileError where the header names other tensors, shapes or types."""
    for name in sorted(header.keys() ^ shapes.keys()):
        raise ModelFileError(f"{path} {'lacks' if name in shapes else 'has no use for'} a tensor {name[:80]!r}")
    for name, shape in shapes.items():
        entry = header[name]
        if not isinstance(entry, dict) or entry.get("dtype") != "F32" or entry.get("shape") != list(shape):
            raise ModelFileError(
                f"{path}: the tensor {name} is not float32 of shape {'x'.join(map(str, shape))}, as its hyperparameters want"
            )
    return sum(math.prod(shape) for shape in shapes.values()) * np.dtype(np.float32).itemsize
