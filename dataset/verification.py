"""Tells whether the files of a data set with a name are the published ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dataset import DatasetError, idx
from dataset.catalogue import IDX_FILES, Published, Registered, find
from dataset.files import read

SUMS_FILE = "SHA256SUMS"
"""In the directory of a data set that came in an archive: the digests of the files that were taken out of it, once it was checked."""


@dataclass(frozen=True)
class FileCheck:
    """A file, and whether it has the SHA-256 that it should."""

    path: Path
    expected: str
    found: str

    @property
    def is_good(self) -> bool:
        return self.found == self.expected


def check(entry: Registered) -> list[FileCheck]:
    """Checks the files of a data set against their digests. Raises DatasetError where they cannot be read."""
    if entry.archive:
        return _check_sums(entry)
    return [
        FileCheck(path, file.digest, digest(file, path))
        for file in entry.files
        for path in [find(entry.directory, file.name) or entry.directory / file.name]
    ]


def digest(file: Published, path: Path) -> str:
    """The SHA-256 to compare with the one that is pinned. Raises DatasetError where ``path`` holds no such file."""
    if file.is_packed_digest:
        return hashlib.sha256(read(path)).hexdigest()
    magic = idx.IMAGES_MAGIC if "images" in file.name else idx.LABELS_MAGIC
    return hashlib.sha256(idx.content(path, magic)).hexdigest()


def _check_sums(entry: Registered) -> list[FileCheck]:
    sums = entry.directory / SUMS_FILE
    lines = [line.split("  ", 1) for line in read(sums).decode(errors="replace").splitlines()]
    expected = {parts[1]: parts[0] for parts in lines if len(parts) == 2}
    names = [f"{name}.gz" for name in IDX_FILES]
    if expected.keys() != set(names):
        raise DatasetError(f"{sums} is damaged", f"Get the data set again: digits-tui dataset get {entry.name}")
    return [FileCheck(path, expected[path.name], hashlib.sha256(read(path)).hexdigest()) for path in map(entry.directory.joinpath, names)]
