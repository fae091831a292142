"""Hands out the files of runs in pieces, to a client that does not see this machine's disk."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path

from engine.checkpoint import CHECKPOINT_FILE
from engine.commands import Fetch
from engine.events import FilePiece, ProtocolError
from engine.model_file import MODEL_FILE
from engine.runs.error import RunError
from engine.runs.index import find_run
from engine.runs.metrics import METRICS_FILE
from engine.runs.names import EVENTS_FILE, HYPERPARAMETERS_FILE, SNAPSHOT_FILE, SUMMARY_FILE

FILES = (HYPERPARAMETERS_FILE, METRICS_FILE, SUMMARY_FILE, EVENTS_FILE, MODEL_FILE, SNAPSHOT_FILE, CHECKPOINT_FILE)
"""Those of a run that may be asked for."""
PIECE = 1 << 18
"""Bytes, at the most: other events wait no longer than for this."""


class Courier:
    """Keeps files that are on their way as they were when they were asked for first, however often they are written anew meanwhile."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, str, str], tuple[bytes, str]] = {}
        """Their content and its digest."""

    def piece(self, root: Path, fetch: Fetch) -> FilePiece:
        """The piece that begins at an offset; one that says so where there is no such file. Raises ProtocolError for a file or an offset
        that cannot be.
        """
        if fetch.file not in FILES:
            raise ProtocolError(f"{fetch.file!r} is not a file of a run")
        key = (root, fetch.run, fetch.file)
        if fetch.offset == 0 or key not in self._kept:
            try:
                content = (find_run(fetch.run, root) / fetch.file).read_bytes()
            except (OSError, RunError) as error:
                print(f"{fetch.file} of {fetch.run} cannot be handed out: {error}", file=sys.stderr, flush=True)
                return FilePiece(run=fetch.run, file=fetch.file, offset=0, size=0, sha256=None, data="")
            self._kept[key] = content, hashlib.sha256(content).hexdigest()
        content, sha256 = self._kept[key]
        size = len(content)
        if not 0 <= fetch.offset <= size:
            raise ProtocolError(f"{fetch.file} has {size} bytes, none at {fetch.offset}")
        data = content[fetch.offset : fetch.offset + PIECE]
        if fetch.offset + len(data) == size:
            del self._kept[key]
        return FilePiece(
            run=fetch.run, file=fetch.file, offset=fetch.offset, size=size, sha256=sha256, data=base64.b64encode(data).decode()
        )
