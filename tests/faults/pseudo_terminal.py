"""A program in a pseudo-terminal of its own, which a test resizes, types into, reads and takes away."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

PATIENCE = 60.0
"""Seconds after which a test that waits has failed."""
DASHBOARD = [sys.executable, "-P", "-m", "tui.cli"]
LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR = b"\x1b[?1049l", b"\x1b[?25h"
ESCAPES = re.compile(rb"\x1b\[[0-9;:?<=>$]*[a-zA-Z@`]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78]|\x1bP[^\x1b]*\x1b\\")


def environment(directory: Path, **changes: str) -> dict[str, str]:
    """That of a user whose homes are in ``directory``."""
    homes = {f"XDG_{kind}_HOME": str(directory / kind.lower()) for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": str(directory)}
    return {**os.environ, **homes, **terminal, **changes}


class PseudoTerminal:
    """As a context, it ends the program."""

    def __init__(self, command: list[str], env: dict[str, str], columns: int = 80, rows: int = 24, signals: bool = True) -> None:
        """Without ``signals`` the program is not told by one that the terminal is gone."""
        self._ours, theirs = pty.openpty()
        self.resize(columns, rows)
        self.cooked = termios.tcgetattr(theirs)
        self._theirs = theirs

        def adopt() -> None:
            os.setsid()
            if signals:
                fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, preexec_fn=adopt)
        self.drawn = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while self._ours >= 0:
            try:
                if select.select([self._ours], [], [], 0.05)[0]:
                    self.drawn += os.read(self._ours, 1 << 16)
                elif self.process.poll() is not None:
                    return
            except (OSError, ValueError):
                return

    @property
    def text(self) -> str:
        """All that was ever drawn, without escapes."""
        return ESCAPES.sub(b"", self.drawn).decode(errors="replace")

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def until(self, predicate: Callable[[], object], description: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not predicate():
            assert self.process.poll() is None, f"it ended with {self.process.returncode} before {description}: {self.text[-2000:]}"
            assert time.monotonic() < deadline, f"in vain: {description}: {self.text[-2000:]}"
            time.sleep(0.02)

    def until_drawn(self, text: str) -> None:
        self.until(lambda: text in self.text, f"{text!r} is drawn")

    def hang_up(self) -> None:
        """Takes the terminal away."""
        ours, self._ours = self._ours, -1
        os.close(self._theirs)
        self._theirs = -1
        self._reader.join(PATIENCE)
        os.close(ours)

    def end(self) -> int:
        """Waits for the program's own end; its exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for descriptor in (self._ours, self._theirs):
            if descriptor >= 0:
                os.close(descriptor)
