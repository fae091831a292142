"""A worker that sees as little of the client's disk as one on another machine: its runs are under the directory given, and no witness.
With an epoch beside it, the first one there is killed in the next epoch, and what it says of that epoch gets lost.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from engine import commands, worker
from engine.commands import Command, Configure
from engine.events import EpochEnded, Event
from engine.runs import recorder

read, write = commands.from_json, worker.to_json
far, last = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
is_first = not far.exists()


def blind(line: str | bytes) -> Command:
    command = read(line)
    return replace(command, witness="/nowhere/witness") if isinstance(command, Configure) else command


def mortal(event: Event) -> str:
    if is_first and last and isinstance(event, EpochEnded):
        if event.epoch > last:
            os.kill(os.getpid(), signal.SIGKILL)
        if event.epoch == last:
            return ""
    return write(event)


if __name__ == "__main__":
    far.mkdir(exist_ok=True)
    os.chdir(far)
    os.environ["DIGITS_TUI_RUNS_DIR"] = str(far / "runs")
    commands.from_json, worker.to_json = blind, mortal
    recorder.TRAINING_TO_SAVING = 0
    worker.main()
