"""The list of runs, kept: of hundreds only those that have changed are read again."""

from __future__ import annotations

import time
from pathlib import Path

from engine.runs.run import Summary, listed, newest_first, run_directories

SETTLED = 1_000_000_000
"""Nanoseconds after which a directory's time tells its contents: a change in the same instant leaves no trace."""


class RunIndex:
    """Knows the runs under ``root``, and what they held when they were read last."""

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
