"""The runs of a directory: found by name, listed, and the list kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from dataset.paths import expanded
from dataset.spelling import did_you_mean
from engine.runs.error import RunError
from engine.runs.names import SWEEPS_DIRECTORY, TRASH, is_run
from engine.runs.summary import Summary, read_summary

SETTLED = 1_000_000_000
"""Nanoseconds after which a directory's time tells its contents: a change in the same instant leaves no trace."""


def run_directories(root: Path) -> Iterator[Path]:
    """Those of the runs under ``root``, and those that cannot be looked into. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        yield from (path for path in sorted(root.iterdir()) if path.name not in (SWEEPS_DIRECTORY, TRASH) and _may_be_run(path))


def _may_be_run(path: Path) -> bool:
    try:
        return is_run(path)
    except PermissionError:
        return True


def find_run(name: str, root: Path) -> Path:
    """The directory of a run, given its name under ``root`` or its path. Raises RunError, with a name that is near."""
    for candidate in (root / name, expanded(name).absolute()):
        if is_run(candidate):
            return candidate
    hint = did_you_mean(name, [path.name for path in run_directories(root)])
    raise RunError(f"there is no run {name!r} in {root}{hint}", "`digits-tui runs` lists the runs there are.")


def list_runs(root: Path) -> list[Summary]:
    """A summary of each run under ``root``, the newest first; of one that cannot be read, why. Raises OSError for ``root`` alone."""
    return newest_first(map(listed, run_directories(root)))


def newest_first(summaries: Iterable[Summary]) -> list[Summary]:
    return sorted(summaries, key=lambda summary: (summary.when, summary.name), reverse=True)


def listed(path: Path) -> Summary:
    """As ``read_summary``, and where that raises OSError, what there is to say instead."""
    try:
        return read_summary(path)
    except OSError as error:
        problem = f"{error.filename or path} cannot be read: {error.strerror}."
        return Summary(name=path.name, path=str(path), when="", state="unreadable", problem=problem)


class RunIndex:
    """The list of the runs under ``root``, kept: of hundreds only those that have changed are read again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[int, Summary]] = {}
        """By the run's name, with its directory's time of change."""

    def read(self) -> list[Summary]:
        """As ``list_runs``. Raises OSError."""
        known, self._known = self._known, {}
        found = []
        for path in run_directories(self.root):
            changed = _changed(path)
            before = known.get(path.name)
            summary = before[1] if before is not None and before[0] == changed else listed(path)
            found.append(summary)
            if summary.state != "running" and time.time_ns() - changed > SETTLED:
                self._known[path.name] = (changed, summary)
        return newest_first(found)


def _changed(path: Path) -> int:
    """Every file of a run is replaced, not written over, but for the logs of one that is running. 0 where it is gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
