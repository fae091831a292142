"""What a client does for a worker that may be on another machine; nothing for one of this installation."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import commands, events

if TYPE_CHECKING:
    from tui.processes.mirror import Mirror


class RemoteFiles:
    """``worker`` is the command that starts it, ``chosen`` the directory of the runs here, if not the usual one."""

    def __init__(self, worker: str | None, chosen: Path | None) -> None:
        self._worker, self._chosen = worker, str(chosen) if chosen else None
        self._witness: Path | None = None
        self._mirror: Mirror | None = None

    @property
    def is_remote(self) -> bool:
        """Whether the worker has said that it does not see the files here."""
        return self._mirror is not None

    @property
    def is_complete(self) -> bool:
        """Whether everything that there is to copy is here."""
        return self._mirror is None or self._mirror.is_idle

    def begin(self) -> None:
        """Leaves a file beside the runs that no other machine can have. Takes a while. Raises OSError."""
        if self._worker is not None and self._witness is None:
            import tui.processes.mirror  # noqa: F401, so that it is there when it is needed
            from engine.runs.names import runs_directory

            root = runs_directory(self._chosen)
            root.mkdir(parents=True, exist_ok=True)
            self._witness = root / f".witness-{secrets.token_hex(16)}"
            self._witness.touch(exist_ok=False)

    def end(self) -> None:
        """For when the worker is gone."""
        if self._witness is not None:
            self._witness.unlink(missing_ok=True)
            self._witness = None
        if self._mirror is not None:
            self._mirror.close()

    def configured(self, configure: commands.Configure) -> commands.Configure:
        """The command, with what shows the worker whether it is on another machine, and, if it is not, where runs are kept here: it may
        have been started in another directory and environment.
        """
        return replace(configure, witness=str(self._witness), runs_directory=str(self._witness.parent)) if self._witness else configure

    def take(self, event: events.Event) -> Sequence[events.Event]:
        """The events to pass on in place of one of the worker's. May write files."""
        if isinstance(event, events.Ready) and self._worker is not None and self._mirror is None and event.is_remote:
            from tui.processes.mirror import Mirror

            self._mirror = Mirror(self._chosen, self._worker)
        return (event,) if self._mirror is None else self._mirror.take(event)

    def request(self) -> commands.Command | None:
        """What to send to the worker after ``take``, if anything, once."""
        return self._mirror.request() if self._mirror is not None else None

    def run(self, directory: Path) -> str:
        """What to call a run in commands."""
        return str(directory) if self._mirror is None else self._mirror.remote(directory)

    def model(self, path: Path) -> str | None:
        """What to call a model in commands; None for one that is not there."""
        return str(path) if self._mirror is None else self._mirror.remote(path.parent) if self._mirror.has(path.parent) else None
