"""A worker's process: ``python -P -m engine``. ``engine.worker`` says what it does.

Reads the first command before it imports the rest, so that a graphics processor is opened meanwhile.
"""

from __future__ import annotations

import json
import os
import sys
from types import FrameType
from typing import NoReturn

from engine.process import SIGNALS, handle_signals, own_stdout


def device_wanted(line: bytes) -> str:
    """The device that a line of the protocol will ask for; nothing where it has no use for an adapter, or that is not known yet."""
    try:
        command = json.loads(line)
        if command["command"] != "configure" or (command.get("run") and not command.get("device")):
            return ""
        device = command.get("device") or "auto"
        return device if isinstance(device, str) and device != "cpu" else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""  # the worker will say what is wrong with it


def _on_signal(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(SIGNALS[number])


def main() -> NoReturn:
    """Serves; ``engine.worker.main`` has the exit codes."""
    events = own_stdout()
    handle_signals(_on_signal)
    first = sys.stdin.buffer.readline()
    if not first:
        os._exit(0)
    if device := device_wanted(first):
        from engine.backends.wgpu import ahead

        ahead.begin(device)
    from engine import worker

    worker.main(events, first)


if __name__ == "__main__":
    main()
