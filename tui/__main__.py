"""Where `digits-tui` begins. It imports next to nothing itself, so that what comes while the rest is imported is met in good order."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Runs the command line; ``tui.commandline.errors`` has the exit codes."""
    try:
        stand_in_for_closed_streams()
        from tui.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    command_line()


def stand_in_for_closed_streams() -> None:
    """What was closed (`>&-`) is written to nowhere: files that are opened later would take its place, and be printed into."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    main()
