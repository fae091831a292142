"""A worker's process: ``python -P -m engine``. ``engine.worker`` says what it does.

Reads the first command before it imports the rest, so that a data set is loaded and a graphics processor opened meanwhile.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, NoReturn

from engine.process import SIGNALS, handle_signals, own_stdout


def configuration_in(line: bytes) -> Mapping[str, Any]:
    """What a line of the protocol configures; nothing where it is another command, or wrong, which the worker will say."""
    try:
        command = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return command if isinstance(command, dict) and command.get("command") == "configure" else {}


def wanted(configuration: Mapping[str, Any], what: str, default: str) -> str:
    """The ``device`` or ``dataset`` that is going to be asked for; empty where it is no text, which the worker will say."""
    value = configuration.get(what) or default
    return value if isinstance(value, str) else ""


def begin_ahead(configuration: Mapping[str, Any]) -> None:
    """Begins what the rest of the engine is not needed for; nothing where a run decides, or may not be there."""
    if configuration.get("run"):
        return
    from dataset import DEFAULT_DATASET
    from engine.data import loading_ahead

    if dataset := wanted(configuration, "dataset", DEFAULT_DATASET):
        loading_ahead.begin(dataset)
    if (device := wanted(configuration, "device", "auto")) not in ("", "cpu"):
        from engine.backends.wgpu import ahead

        ahead.begin(device)


def _on_signal(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(SIGNALS[number])


def main() -> NoReturn:
    """Serves; ``engine.worker.main`` has the exit codes."""
    gc.disable()  # nothing that is imported becomes garbage
    events = own_stdout()
    handle_signals(_on_signal)
    first = sys.stdin.buffer.readline()
    if not first:
        os._exit(0)
    if configuration := configuration_in(first):
        begin_ahead(configuration)
    from engine import worker

    gc.freeze()
    gc.enable()
    worker.main(events, first)


if __name__ == "__main__":
    main()
