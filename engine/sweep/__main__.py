"""A coordinator in a process of its own, for who must not wait for it (``python -P -m engine.sweep``).

The first line on stdin is a JSON object with the fields of ``engine.sweep.request.Request``. Further lines are ``{"command": "pause"}``,
``"resume"`` and ``"stop"``. Events, as ``engine.sweep.events`` describes them, go to stdout, one JSON object a line; ``sweep_finished``
or ``failed`` is the last. The end of stdin stops the sweep.

With the path of a study file as its argument it reads no stdin, and tells what is in that file.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from engine.events import Event, to_json
from engine.process import handle_signals, own_stdout
from engine.sweep.coordinator import Coordinator, failed
from engine.sweep.error import SweepError
from engine.sweep.request import Request


def read_request(line: bytes) -> Request:
    """Raises SweepError."""
    from pydantic import TypeAdapter

    try:
        return TypeAdapter(Request).validate_json(line)
    except ValueError:
        raise SweepError(f"not a request: {line[:200]!r}", "Send the fields of a request as JSON.", "protocol") from None


def _obey(coordinator: Coordinator, stream: BinaryIO) -> None:
    wishes = {"pause": coordinator.pause, "resume": coordinator.resume, "stop": coordinator.stop}
    for line in stream:
        try:
            wishes[json.loads(line)["command"]]()
        except (ValueError, KeyError, TypeError, RecursionError):
            print(f"not a command: {line[:200]!r}", file=sys.stderr, flush=True)
    coordinator.stop()


def _tell(study: Path, emit: Callable[[Event], None]) -> int:
    """What a study file holds, as the events of a sweep."""
    from engine.sweep.replay import replay

    number = 0
    try:
        for number, event in enumerate(replay(study), 1):
            emit(replace(event, seq=number, time=time.monotonic()))
    except SweepError as error:
        emit(replace(failed(error), seq=number + 1, time=time.monotonic()))
        return 1
    return 0


def main() -> int:
    """0 where the sweep finished or was stopped, 1 where it failed."""
    stream = own_stdout()

    def emit(event: Event) -> None:
        with contextlib.suppress(BrokenPipeError):  # who listened is gone, and the end of stdin says so too
            stream.write(to_json(event).encode() + b"\n")
            stream.flush()

    if len(sys.argv) > 1:
        return _tell(Path(sys.argv[1]), emit)
    try:
        coordinator = Coordinator(read_request(sys.stdin.buffer.readline()), emit)
    except SweepError as error:
        emit(replace(failed(error), seq=1))
        return 1
    handle_signals(lambda *_: coordinator.stop())
    threading.Thread(target=_obey, args=(coordinator, sys.stdin.buffer), daemon=True).start()
    try:
        coordinator.run()
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)
