"""A worker that plays what a test wrote for it. Stand-alone, so that it starts in an instant.

Its only argument is a JSON file: for each command, by name, what to write when it comes, a list of pieces of text each; ``repeat`` lists
pieces that are written many times, as ``[text, times]``; ``end`` says what comes after the last command's pieces: ``exit``, ``abort`` or
``stay``. A command that is not in the file is passed over.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def write(piece: Any) -> None:
    text, times = (piece, 1) if isinstance(piece, str) else piece
    for _ in range(times):
        sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    play = json.loads(Path(sys.argv[1]).read_text())
    for line in sys.stdin:
        name = json.loads(line)["command"]
        if name not in play:
            continue
        for piece in play[name]:
            write(piece)
        if name == play["last"]:
            break
    if play["end"] == "abort":
        os.abort()
    if play["end"] == "stay":
        sys.stdin.read()


if __name__ == "__main__":
    main()
