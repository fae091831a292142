"""Drawings in files: PNG and JSON of the canvas, IDX of what the network sees of it; JPEG is read too. Meant for a thread."""

from __future__ import annotations

import asyncio
import contextlib
import io
import shlex
import urllib.parse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dataset import DatasetError, idx, image
from dataset.files import read
from dataset.paths import expanded
from tui.drawing.strokes import SIDE, Drawing, Operation, Picture
from tui.drawing.text import DrawingError, from_json, to_json
from tui.new_files import write_new
from tui.wording import with_advice

SCALE = 4
"""Pixels of a PNG for each of the drawing's."""
WRITTEN = ".png, .json (the strokes) or .idx (the image that the network sees)"
LONGEST_PATH = 4096


def write(path: Path, drawing: Drawing, seen: npt.NDArray[np.uint8]) -> str:
    """Writes what the file's suffix asks for, to a file that is not there yet. What is wrong, or an empty string."""
    match path.suffix.lower():
        case ".png":
            content: bytes | str = _png(drawing)
        case ".json":
            content = to_json(drawing.operations)
        case ".idx":
            content = idx.to_bytes(seen[None])
        case _:
            return f"{path}: end the name in {WRITTEN}."
    return write_new(str(path), content)


def _png(drawing: Drawing) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(np.kron(drawing.levels, np.ones((SCALE, SCALE), np.uint8))).save(content, "png")
    return content.getvalue()


def load(path: Path) -> tuple[Operation, ...]:
    """What makes the drawing in a file: PNG, JPEG, JSON, or the first of the images in an IDX file. Raises DatasetError."""
    content = read(path)
    if content.lstrip()[:1] == b"{":
        try:
            return from_json(content)
        except DrawingError as error:
            raise DatasetError(f"{path}: {error}", "Load a file that was saved here.") from error
    if content.startswith((idx.GZIP_MAGIC, idx.IMAGES_MAGIC)):
        first = idx.read_first_images(path, 1)[0]
        if not image.has_ink(first / 255):
            raise DatasetError(f"{path}: the first image is black", "Load another.")
        return (Picture(image.fit(first / 255, SIDE, SIDE)),)
    return (Picture(image.read_images(path, SIDE, SIDE).reshape(SIDE, SIDE)),)


class Loading:
    """``operations`` are those of the file that was loaded last."""

    operations: tuple[Operation, ...] = ()

    async def problem(self, path: str) -> str:
        """Loads a file, where one is named; why it cannot be used, or an empty string."""
        try:
            self.operations = await asyncio.to_thread(load, expanded(path)) if path else ()
        except DatasetError as error:
            return with_advice(error)
        return ""


def pasted_path(text: str) -> Path | None:
    """The file that a text names, as terminals write one that is dropped on them: in quotation marks, with backslashes, as an address."""
    line = text.strip()
    if not line or len(line) > LONGEST_PATH or "\n" in line:
        return None
    if line.startswith("file://"):
        line = urllib.parse.unquote(urllib.parse.urlsplit(line).path)
    candidates = [line]
    with contextlib.suppress(ValueError):  # an apostrophe, which opens no quotation
        candidates += shlex.split(line)[:1]
    for candidate in candidates:
        with contextlib.suppress(OSError, ValueError):  # what no file can be called
            if (path := expanded(candidate)).is_file():
                return path
    return None
