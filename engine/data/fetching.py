"""Fetches data sets that have a name: from the first address that gives the published files, each checked before it counts."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from dataset import DatasetError
from dataset.catalogue import Archive, Published, Registered, find
from dataset.files import MAXIMUM_BYTES
from dataset.paths import expanded
from dataset.verification import SUMS_FILE, check, digest
from engine.data.download import DownloadError, download, shown
from engine.storage.files import atomic_write, remove_leftovers, replace
from engine.storage.lock import Lock, LockedError

MIRROR_VARIABLE = "DIGITS_TUI_MIRROR"
"""The environment's: where all data sets are fetched from instead of their publishers, each in a directory of its name."""
LOCK_FILE = ".lock"
LOCK_WAIT = 6 * 3600.0
"""Seconds that another process may take to fetch the same data set."""


class Watcher(Protocol):
    """Is told how far fetching is."""

    def progress(self, file: str, done: int, total: int | None) -> None:
        """Bytes that are here, and how many there will be where that is known."""

    def note(self, text: str) -> None:
        """What went wrong on the way, in a line."""


def fetch(entry: Registered, watcher: Watcher, source: str | None = None) -> Path:
    """The directory of a data set, all its files there and checked; what is missing or damaged is fetched.

    ``source`` is a directory, a file or an address to take instead of the publishers'. Raises DatasetError, with a way to go on by hand,
    and OSError.
    """
    directory = entry.directory
    if entry.is_shipped:
        return directory
    mirror = os.environ.get(MIRROR_VARIABLE)
    if source is None and mirror:
        source = f"{mirror.rstrip('/')}/{entry.name}"
    directory.mkdir(parents=True, exist_ok=True)
    with _held(directory, entry, watcher):
        if entry.archive:
            if not _is_whole(entry):
                _take(
                    entry, entry.archive.name, _archive_addresses(entry, entry.archive, source), _ArchiveInstaller(entry.archive), watcher
                )
        else:
            for file in entry.files:
                if not _is_good(file, directory):
                    _take(entry, file.packed_name, _file_addresses(entry, file, source), _FileInstaller(file), watcher)
    return directory


@contextmanager
def _held(directory: Path, entry: Registered, watcher: Watcher) -> Iterator[None]:
    """Waits for another process that fetches the same, and keeps others waiting."""
    try:
        lock = Lock(directory / LOCK_FILE)
    except LockedError:
        watcher.note(f"another process is fetching {entry.name}; waiting for it")
        try:
            lock = Lock(directory / LOCK_FILE, LOCK_WAIT)
        except LockedError:
            raise DatasetError(f"another process has been fetching {entry.name} for hours", "End it, and try again.") from None
    try:
        remove_leftovers(directory)
        yield
    finally:
        lock.release()


class _Installer(Protocol):
    """What becomes of a file that came: ``problem`` says what is wrong with it, if anything; ``install`` puts it in its place."""

    def problem(self, path: Path, address: str) -> str | None: ...

    def install(self, path: Path, directory: Path) -> None: ...


class _FileInstaller:
    def __init__(self, file: Published) -> None:
        self._file = file

    def problem(self, path: Path, address: str) -> str | None:
        return _mismatch(lambda: digest(self._file, path), {self._file.digest})

    def install(self, path: Path, directory: Path) -> None:
        target = directory / self._file.packed_name
        with open(path, "rb") as file:  # noqa: PTH123
            os.fsync(file.fileno())
        replace(path, target)
        while (other := find(directory, self._file.name)) and other != target:
            other.unlink()


class _ArchiveInstaller:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def problem(self, path: Path, address: str) -> str | None:
        expected = {self._archive.digests[address]} if address in self._archive.digests else set(self._archive.digests.values())
        return _mismatch(lambda: _file_digest(path), expected)

    def install(self, path: Path, directory: Path) -> None:
        """Takes the four files out, with a list of their digests, against which they can be checked from then on."""
        with zipfile.ZipFile(path) as archive:
            found = {info.filename.rpartition("/")[2]: info for info in archive.infolist() if info.file_size <= MAXIMUM_BYTES}
            content = {f"{name}.gz": archive.read(found[member]) for name, member in self._archive.members.items()}
        atomic_write(directory / SUMS_FILE, *(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content.items()))
        for name, data in content.items():
            atomic_write(directory / name, data)
        path.unlink()


def _take(entry: Registered, name: str, sources: tuple[str, ...], installer: _Installer, watcher: Watcher) -> None:
    """Puts a file in its place from the first source that gives it. Raises DatasetError where none does."""
    directory = entry.directory
    errors: list[DownloadError] = []
    for source in sources:
        # Mirrors pack differently, so that what came from one cannot be gone on with from another.
        part = directory / f".{name}.{hashlib.sha256(source.encode()).hexdigest()[:8]}.part"
        try:
            _bring(source, part, installer, lambda done, total: watcher.progress(name, done, total))
        except DownloadError as error:
            errors.append(error)
            if len(sources) > 1:
                watcher.note(f"{shown(source)}: {error.reason}")
            continue
        installer.install(part, directory)
        for left in directory.glob(f".{name}.*.part"):
            left.unlink()
        return
    raise _unavailable(entry, name, sources, errors)


def _bring(source: str, part: Path, installer: _Installer, progress: Callable[[int, int | None], None]) -> None:
    """Brings a file to ``part``, and checks it. Raises DownloadError."""
    if "://" not in source:
        _copy(Path(source), part)
    else:
        was_begun = part.exists()
        download(source, part, progress)
        if was_begun and installer.problem(part, source):  # the file may have changed since
            part.unlink()
            download(source, part, progress)
    if problem := installer.problem(part, source):
        part.unlink()
        raise DownloadError(problem)


def _copy(path: Path, part: Path) -> None:
    if not path.is_file():
        raise DownloadError("there is no such file")
    try:
        shutil.copyfile(path, part)
    except OSError as error:
        raise DownloadError(f"it cannot be copied: {error.strerror}") from None


def _is_good(file: Published, directory: Path) -> bool:
    path = find(directory, file.name)
    return path is not None and _mismatch(lambda: digest(file, path), {file.digest}) is None


def _is_whole(entry: Registered) -> bool:
    try:
        return entry.is_here and all(item.is_good for item in check(entry))
    except DatasetError:
        return False


def _mismatch(compute: Callable[[], str], expected: set[str]) -> str | None:
    try:
        found = compute()
    except DatasetError:
        return "what it gives is no such file"
    return None if found in expected else f"what it gives is not the published file (SHA-256 {found[:16]}…)"


def _file_digest(path: Path) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_addresses(entry: Registered, file: Published, source: str | None) -> tuple[str, ...]:
    if source is None:
        return tuple(f"{mirror}/{file.packed_name}" for mirror in entry.mirrors)
    if "://" in source:
        return (f"{source.rstrip('/')}/{file.packed_name}",)
    directory = _own_directory(entry, source)
    return (str(find(directory, file.name) or directory / file.packed_name),)


def _archive_addresses(entry: Registered, archive: Archive, source: str | None) -> tuple[str, ...]:
    if source is None:
        return tuple(archive.digests)
    if "://" in source:
        return (source if source.endswith(".zip") else f"{source.rstrip('/')}/{archive.name}",)
    path = expanded(source)
    return (str(path if path.suffix == ".zip" else _own_directory(entry, source) / archive.name),)


def _own_directory(entry: Registered, source: str) -> Path:
    """The directory that is named, or the one of the data set's name in it."""
    directory = expanded(source)
    return directory / entry.name if (directory / entry.name).is_dir() else directory


def _unavailable(entry: Registered, name: str, sources: tuple[str, ...], errors: list[DownloadError]) -> DatasetError:
    if len(sources) == 1:
        why = f"{shown(sources[0])}: {errors[0].reason}"
    elif all(error.is_offline for error in errors):
        why = f"there is no connection to any of its {len(sources)} addresses"
    else:
        why = f"none of its {len(sources)} addresses gives {name}; of the last, {errors[-1].reason}"
    wanted = entry.archive.name if entry.archive else ", ".join(file.packed_name for file in entry.files)
    by_hand = f"{wanted} into a directory by hand, and take it from there: digits-tui dataset get {entry.name} --from DIR"
    if any(source.startswith(("http://", "https://")) for source in sources):
        advice = f"Try again later: it goes on where it stopped. Or put {by_hand}"
    else:
        advice = f"Put {by_hand}. Without --from, {entry.name} is fetched from its publishers."
    return DatasetError(f"{entry.name} cannot be fetched: {why}", advice)
