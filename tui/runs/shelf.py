"""The runs there are, as the dashboard reads them, and what is done to them: one thing at a time. Knows no widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui import formats
from tui.runs.deeds import Deed, Moves
from tui.wording import capitalised, with_advice

if TYPE_CHECKING:
    from engine.runs.index import RunIndex
    from engine.runs.summary import Summary

Result = TypeVar("Result")


class ShelfError(Exception):
    """Says what could not be done, and what to do."""


class RunShelf:
    """Every method that is awaited works in a thread, and raises ShelfError."""

    def __init__(self, chosen: Path | None) -> None:
        self._chosen = chosen
        self._index: RunIndex | None = None
        self._lock = asyncio.Lock()
        self._done: list[Deed] = []

    @property
    def root(self) -> Path:
        from engine.runs.names import runs_directory

        return runs_directory(self._chosen)

    async def read(self) -> list[Summary]:
        """All runs."""
        return await self._in_thread(self._read)

    def _read(self) -> list[Summary]:
        from engine.runs.index import RunIndex

        if self._index is None:
            self._index = RunIndex(self.root)
        return self._index.read()

    async def disk(self, runs: Sequence[Summary]) -> str:
        """What all takes, in words."""
        return await self._in_thread(lambda: _disk(self.root, runs))

    async def do(self, make: Callable[[], Deed]) -> Deed:
        """Does something that can be undone."""
        deed = await self._in_thread(make)
        self._done.append(deed)
        return deed

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    async def undo(self) -> tuple[Deed, Moves]:
        """Takes back what was done last. What cannot be taken back is forgotten."""
        deed = self._done.pop()
        return deed, await self._in_thread(deed.undo)

    async def run(self, what: Callable[[], Result]) -> Result:
        """Does something that cannot be undone, or only looks."""
        return await self._in_thread(what)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        from engine.hyperparameters.configuration import HyperparameterError
        from engine.runs.error import RunError

        async with self._lock:
            try:
                return await asyncio.to_thread(work)
            except RunError as error:
                raise ShelfError(capitalised(with_advice(error))) from None
            except HyperparameterError as error:
                raise ShelfError(f"{error}.") from None
            except OSError as error:
                raise ShelfError(f"{error.filename or self.root}: {error.strerror}. Check the path and its permissions.") from None


def _disk(root: Path, runs: Sequence[Summary]) -> str:
    from engine.runs.names import SWEEPS_DIRECTORY, TRASH
    from engine.storage.files import bytes_in

    more = {"sweeps": bytes_in(root / SWEEPS_DIRECTORY), "trash": bytes_in(root / TRASH)}
    parts = [formats.size(sum(run.bytes for run in runs)), *(f"{name} {formats.size(room)}" for name, room in more.items() if room)]
    return ", ".join(parts) if runs or any(more.values()) else ""
