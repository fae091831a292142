"""Copies of the runs of a worker on another machine: its files come in pieces, its events then speak of the files here."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine import commands, events
from engine.checkpoint import CHECKPOINT_FILE
from engine.model_file import MODEL_FILE
from engine.runs.courier import FILES
from engine.runs.error import RunError
from engine.runs.metrics import METRICS_FILE, read_metrics
from engine.runs.names import EVENTS_FILE, HYPERPARAMETERS_FILE, LOCK_FILE, SUMMARY_FILE, check_name, runs_directory
from engine.storage.files import atomic_write
from engine.storage.lock import Lock, LockedError

ORIGIN_FILE = "origin.json"
"""In a copy: the worker's command, and the run's directory there."""
TRIES = 3
AT_START = (HYPERPARAMETERS_FILE, SUMMARY_FILE)
CHECKPOINT_INTERVAL = 60.0
"""Seconds, at the least, between two copies of the checkpoint: what there is to lose where the other machine is lost."""
WAITING_TO_COPYING = 10
"""The same, by how long the last copy took."""
AT_END = (HYPERPARAMETERS_FILE, METRICS_FILE, SUMMARY_FILE, EVENTS_FILE, MODEL_FILE)

Written = events.Snapshot | events.CheckpointWritten


def remote_run(directory: Path, worker: str) -> str | None:
    """The directory, where the worker is, of the run that this is a copy of; None for any other run."""
    origin = _origin(directory)
    return origin.get("run") if origin.get("worker") == worker else None


def _origin(directory: Path) -> dict[str, str]:
    try:
        return dict(json.loads((directory / ORIGIN_FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}


@dataclass(frozen=True, eq=False)
class _Copy:
    remote: str
    path: Path
    lock: Lock


@dataclass
class _Arrival:
    """A file on its way."""

    copy: _Copy
    file: str
    then: Written | None
    """What to tell once it is here."""
    begun: float
    content: bytearray
    tries: int = 1


class Mirror:
    """Takes the events of a worker and gives those to pass on. One file is on its way at a time, but a checkpoint lets others go before
    it; of files written anew meanwhile, the latest follows.
    """

    def __init__(self, chosen: str | None, worker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._worker = runs_directory(chosen), worker
        self._copy: _Copy | None = None
        self._clock = clock
        self._wanted: dict[tuple[_Copy, str], Written | None] = {}
        self._arrival: _Arrival | None = None
        self._interrupted: _Arrival | None = None
        """A checkpoint that lets other files go before it."""
        self._checkpoint_due = 0.0
        self._told: dict[str, int] = {}
        """The last epoch that was told, of each run there."""
        self._missed = range(0)
        """Epochs that ended while there was no connection."""
        self._waiting: list[events.Event] | None = None
        """What comes after them."""
        self._last: events.Finished | events.Failed | None = None
        """The run's last event, held back until its files are here."""
        self._request: commands.Fetch | None = None
        self._known: dict[str, Path] = {}

    @property
    def is_idle(self) -> bool:
        """Whether everything that there is to copy is here."""
        return self._arrival is None and self._interrupted is None and not self._wanted

    def has(self, directory: Path) -> bool:
        """Whether a run came from this worker."""
        return remote_run(directory, self._worker) is not None

    def remote(self, directory: Path) -> str:
        """What to call a run in commands."""
        remote = remote_run(directory, self._worker) or directory.name
        self._known[remote] = directory
        return remote

    def close(self) -> None:
        """Lets go of the copy; what is on its way will not arrive."""
        if self._copy is not None:
            self._copy.lock.release()
            if self._waiting is not None:
                self._told[self._copy.remote] = self._missed.start - 1
        self._copy, self._arrival, self._interrupted, self._last, self._request, self._waiting = None, None, None, None, None, None
        self._wanted.clear()

    def request(self) -> commands.Fetch | None:
        """What to send to the worker now, if anything, once."""
        request, self._request = self._request, None
        return request

    def take(self, event: events.Event) -> Sequence[events.Event]:
        """The events to pass on, in order. Writes files, and so may take a while."""
        told = self._take(event)
        if isinstance(event, events.EpochEnded) and self._copy is not None:
            self._told[self._copy.remote] = event.epoch
        if self._waiting is not None and not isinstance(event, events.Started | events.FilePiece):
            self._waiting += told
            told = ()
        self._fetch_next()
        return told

    def _take(self, event: events.Event) -> Sequence[events.Event]:
        match event:
            case events.FilePiece():
                return self._piece(event)
            case events.Started() | events.Stopped() | events.Finished():
                try:
                    copy = self._copied(event.run)
                except OSError as error:
                    return (_not_written(event.run, error), event)
                self._want(copy, *AT_START)
                if isinstance(event, events.Finished):
                    self._miss(event.run, event.epochs)
                    return self._hold(copy, replace(event, run=str(copy.path)))
                if isinstance(event, events.Started):
                    self._checkpoint_due = self._clock() + (CHECKPOINT_INTERVAL if event.first_epoch == 1 else 0.0)
                    self._miss(event.run, event.first_epoch - 1)
                return (replace(event, run=str(copy.path)),)
            case events.Failed() if self._copy is not None and event.kind != "protocol":
                return self._hold(self._copy, event)
            case events.EpochEnded() if self._copy is not None:
                self._want(self._copy, METRICS_FILE)
            case events.Snapshot():
                if self._copy is not None and _last_part(event.path) in FILES:
                    self._wanted[self._copy, _last_part(event.path)] = event
                return ()
            case events.CheckpointWritten() if self._copy is not None:
                if self._clock() >= self._checkpoint_due and self._interrupted is None:
                    self._checkpoint_due = math.inf
                    self._wanted[self._copy, CHECKPOINT_FILE] = event
                return ()
        return (event,)

    def _miss(self, run: str, epoch: int) -> None:
        """Up to an epoch that has ended by now, those that were not told are to be found in a file."""
        told = self._told.setdefault(run, epoch)
        if told < epoch and self._copy is not None:
            self._missed, self._told[run], self._waiting = range(told + 1, epoch + 1), epoch, []
            self._want(self._copy, METRICS_FILE)

    def _caught_up(self, copy: _Copy) -> Sequence[events.Event]:
        """The epochs that were missed, and what was held back for them."""
        waiting, self._waiting = self._waiting or [], None
        try:
            return (*(epoch for epoch in read_metrics(copy.path) if epoch.epoch in self._missed), *waiting)
        except (OSError, RunError):
            return waiting

    def _want(self, copy: _Copy, *files: str) -> None:
        for file in files:
            self._wanted.setdefault((copy, file), None)

    def _hold(self, copy: _Copy, last: events.Finished | events.Failed) -> Sequence[events.Event]:
        self._wanted = {key: then for key, then in self._wanted.items() if key[0] is not copy}
        self._want(copy, *AT_END)
        self._last = last
        return ()

    def _copied(self, remote: str) -> _Copy:
        """The copy of a run, the one there was or a new one. Raises OSError."""
        if self._copy is not None and self._copy.remote == remote:
            return self._copy
        if self._copy is not None:
            self._copy.lock.release()
        self._copy = self._open_copy(remote)
        self._known[remote] = self._copy.path
        return self._copy

    def _open_copy(self, remote: str) -> _Copy:
        origin = {"worker": self._worker, "run": remote}
        for path in self._candidates(remote):
            is_new = not path.exists()
            if not is_new and _origin(path) != origin:
                continue
            path.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(LockedError):
                lock = Lock(path / LOCK_FILE)
                if is_new:
                    atomic_write(path / ORIGIN_FILE, json.dumps(origin) + "\n")
                return _Copy(remote, path, lock)
        raise AssertionError("there are always more names")

    def _candidates(self, remote: str) -> Iterator[Path]:
        if remote in self._known:
            yield self._known[remote]
        name = _last_part(remote)
        try:
            check_name(name)
        except RunError:
            name = "copy"
        yield self._root / name
        yield from (self._root / f"{name}-{number}" for number in itertools.count(2))

    def _fetch_next(self) -> None:
        if self._arrival is not None:
            return
        others = [key for key in self._wanted if key[1] != CHECKPOINT_FILE]
        if key := next(iter(others or self._wanted), None):
            if key[1] == CHECKPOINT_FILE:
                self._interrupted = None
            self._arrival = _Arrival(*key, self._wanted.pop(key), self._clock(), bytearray())
        elif self._interrupted is not None:
            self._arrival, self._interrupted = self._interrupted, None
        if arrival := self._arrival:
            self._request = commands.Fetch(run=arrival.copy.remote, file=arrival.file, offset=len(arrival.content))

    def _piece(self, piece: events.FilePiece) -> Sequence[events.Event]:
        arrival = self._arrival
        if arrival is None or (piece.run, piece.file, piece.offset) != (arrival.copy.remote, arrival.file, len(arrival.content)):
            return ()
        arrival.content += base64.b64decode(piece.data)
        if piece.sha256 is not None and len(arrival.content) < piece.size:
            self._arrival = None
            if arrival.file == CHECKPOINT_FILE and self._wanted:
                self._interrupted = arrival
            else:
                self._arrival = arrival
                self._request = commands.Fetch(run=piece.run, file=piece.file, offset=len(arrival.content))
            return ()
        if piece.sha256 is not None and hashlib.sha256(arrival.content).hexdigest() != piece.sha256 and arrival.tries < TRIES:
            arrival.content.clear()
            arrival.tries += 1
            self._request = commands.Fetch(run=piece.run, file=piece.file)
            return ()
        told = self._arrived(arrival, piece.sha256)
        self._arrival = None
        if arrival.file == CHECKPOINT_FILE:
            now = self._clock()
            self._checkpoint_due = now + max(CHECKPOINT_INTERVAL, WAITING_TO_COPYING * (now - arrival.begun))
        if arrival.file == METRICS_FILE and self._waiting is not None:
            told = (*told, *self._caught_up(arrival.copy))
        return (*told, *self._released())

    def _arrived(self, arrival: _Arrival, sha256: str | None) -> Sequence[events.Event]:
        if sha256 is None:
            return ()
        if hashlib.sha256(arrival.content).hexdigest() != sha256:
            return (events.Hint(kind="file", message=f"{arrival.file} came damaged {TRIES} times; there is no copy of it here"),)
        path = arrival.copy.path / arrival.file
        try:
            atomic_write(path, bytes(arrival.content))
        except OSError as error:
            return (_not_written(str(path), error),)
        return (replace(arrival.then, path=str(path)),) if arrival.then else ()

    def _released(self) -> Sequence[events.Event]:
        """The run's last event, once nothing of it is missing but its checkpoint."""
        last, copy = self._last, self._copy
        if last is None or copy is None or self._wanted:
            return ()
        self._want(copy, CHECKPOINT_FILE)
        copy.lock.release()
        self._last, self._copy = None, None
        return (last,)


def _last_part(path: str) -> str:
    """The name of a file on a machine of any kind."""
    return re.split(r"[\\/]", path)[-1]


def _not_written(path: str, error: OSError) -> events.Hint:
    return events.Hint(kind="file", message=f"the copy of {path} could not be written: {error.strerror or error}")
