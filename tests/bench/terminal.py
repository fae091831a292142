"""The dashboard in a real pseudo-terminal, as the shell starts it, with settings and state of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

ESCAPES = re.compile(rb"\x1b\[[0-9;:?<=>$]*[a-zA-Z@`]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78]|\x1bP[^\x1b]*\x1b\\")
PROGRAM = Path(sys.executable).with_name("digits-tui")
PATIENCE = 180.0


class Terminal:
    """As a context, it ends the program that runs in it."""

    def __init__(self, directory: Path, arguments: Sequence[str] = (), columns: int = 120, rows: int = 40) -> None:
        self.begun = time.perf_counter()
        self._drawn = b""
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            os.execve(str(PROGRAM), [str(PROGRAM), "--runs-dir", str(directory / "runs"), *arguments], _environment(directory))
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.set_blocking(self._file, False)

    @property
    def pid(self) -> int:
        return self._pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.kill(self._pid, signal.SIGTERM)
        self._read_to_end()
        os.waitpid(self._pid, 0)
        os.close(self._file)

    def _read_to_end(self) -> None:
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline and self._read(0.2) is not None:
            pass

    def _read(self, seconds: float) -> bytes | None:
        """What is drawn within some seconds; None once the program has ended."""
        if not select.select([self._file], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._file, 1 << 16) or None
        except OSError:
            return None

    def press(self, keys: bytes) -> None:
        """Sends keys. What was drawn before is forgotten, so that ``until`` finds what they do."""
        self._drawn = b""
        os.write(self._file, keys)

    def until(self, pattern: bytes) -> float:
        """Reads until the characters drawn match; the moment of it, of ``perf_counter``. Raises TimeoutError, EOFError."""
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            if re.search(pattern, ESCAPES.sub(b"", self._drawn)):
                return time.perf_counter()
            chunk = self._read(1.0)
            if chunk is None:
                raise EOFError(f"the dashboard ended before it drew {pattern!r}:\n{self._drawn[-2000:]!r}")
            self._drawn = (self._drawn + chunk)[-(1 << 18) :]
        raise TimeoutError(f"in vain: {pattern!r}")

    def drain(self, seconds: float) -> None:
        """Reads for some seconds, so that the program is not held up by a full terminal."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)


def _environment(directory: Path) -> dict[str, str]:
    """A user's own, with homes, and a cache of byte code that the first start fills, in ``directory``."""
    homes = {f"XDG_{kind}_HOME": str(directory / kind.lower()) for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    return {**inherited, **homes, **terminal, "PYTHONPYCACHEPREFIX": str(directory / "bytecode")}
