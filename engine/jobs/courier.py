"""Brings the models of a sweep's jobs to a client that does not see this machine's disk, in pieces before the event that ends the job."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.commands import TrainJob
from engine.events import Event, JobEnded, JobModel
from engine.runs.courier import PIECE


@contextlib.contextmanager
def carried(jobs: Sequence[TrainJob], send: Callable[[Event], None]) -> Iterator[tuple[list[TrainJob], Callable[[Event], None]]]:
    """The jobs with files of this machine for their models, and what sends their events. Raises OSError."""
    asked = {job.job: job.model for job in jobs}
    with tempfile.TemporaryDirectory() as directory:

        def send_with_model(event: Event) -> None:
            if isinstance(event, JobEnded) and event.model is not None:
                path = Path(event.model)
                for piece in pieces(event.job, path.read_bytes()):
                    send(piece)
                path.unlink()
                event = replace(event, model=asked[event.job])
            send(event)

        yield [replace(job, model=job.model and str(Path(directory) / f"{job.job}.safetensors")) for job in jobs], send_with_model


def pieces(job: int, content: bytes) -> Iterator[JobModel]:
    """A job's model, to be sent."""
    sha256 = hashlib.sha256(content).hexdigest()
    for offset in range(0, len(content), PIECE):
        data = base64.b64encode(content[offset : offset + PIECE]).decode()
        yield JobModel(job=job, offset=offset, size=len(content), sha256=sha256, data=data)


class Parcels:
    """Puts the pieces together again, where the client is."""

    def __init__(self) -> None:
        self._content: dict[int, bytearray] = {}
        self._sha256: dict[int, str] = {}

    def take(self, piece: JobModel) -> None:
        content = self._content.setdefault(piece.job, bytearray())
        if piece.offset == len(content):
            content += base64.b64decode(piece.data)
        self._sha256[piece.job] = piece.sha256

    def model(self, job: int) -> bytes | None:
        """The model of a job, once; None where it did not come, or came damaged."""
        content, sha256 = self._content.pop(job, b""), self._sha256.pop(job, "")
        return bytes(content) if hashlib.sha256(content).hexdigest() == sha256 else None
