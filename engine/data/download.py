"""Brings a file over HTTP, going on after what came before, within bounds of time, size and redirections."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from dataset.files import MAXIMUM_BYTES

TIMEOUT = 30.0
"""Seconds without an answer, or a byte, after which a server counts as silent."""
REDIRECTIONS = 5
TRIES = 5
"""How often a broken transfer is gone on with, as long as each try brings something."""
BLOCK = 2**16

Progress = Callable[[int, int | None], None]
"""Takes the bytes that are here, and how many there will be where that is known."""


class DownloadError(Exception):
    """Why a file did not come, in words that follow an address and a colon. ``is_offline``: its server could not even be reached."""

    def __init__(self, reason: str, is_offline: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_offline = is_offline


class _CutError(DownloadError):
    """The transfer broke; what came is kept."""


class _Redirections(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTIONS


def download(address: str, part: Path, progress: Progress) -> None:
    """Writes what is at ``address`` to ``part``, after the bytes that an earlier call left there. Raises DownloadError, ``part`` then
    keeping what came, and OSError where it cannot be written.
    """
    _check(address)
    for remaining in reversed(range(TRIES)):
        before = _size(part)
        try:
            _transfer(address, part, progress)
            return
        except _CutError:
            if not remaining or _size(part) <= before:
                raise


def shown(address: str) -> str:
    """An address as it may be shown and kept: without what may be secret, which is a name, a password, and all that follows its path."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    return f"{scheme}://…" if "@" in rest else re.split("[?#]", address, maxsplit=1)[0]


def _check(address: str) -> None:
    if not address.startswith(("http://", "https://")):
        raise DownloadError("not an address that begins with http:// or https://")
    if "@" in address.split("/", 3)[2]:
        raise DownloadError("an address with a name or a password in it is not understood")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _transfer(address: str, part: Path, progress: Progress) -> None:
    start = _size(part)
    headers = {"User-Agent": "digits-tui", "Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    opener = urllib.request.build_opener(_Redirections)
    try:
        response = opener.open(urllib.request.Request(address, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:  # nothing is left to send, or the file has become another
            part.unlink()
            return _transfer(address, part, progress)
        raise DownloadError(_answer(error)) from None
    except urllib.error.URLError as error:
        raise _unreachable(error.reason) from None
    except ValueError:
        raise DownloadError("not a proper address") from None
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(error) from None
    with response:
        if response.status != 206:
            start = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise DownloadError("it sent another part of the file than was asked for")
        _receive(response, part, start, progress)


def _receive(response: Any, part: Path, start: int, progress: Progress) -> None:
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isdecimal() else None
    if total is not None and total > MAXIMUM_BYTES:
        raise DownloadError(f"it promises {total:,} bytes; at most {MAXIMUM_BYTES:,} are taken")
    with open(part, "ab") as file:  # noqa: PTH123
        _writing(part, lambda: file.truncate(start))
        done = start
        progress(done, total)
        while block := _read(response, done):
            done += len(block)
            if done > MAXIMUM_BYTES:
                raise DownloadError(f"it sent more than {MAXIMUM_BYTES:,} bytes")
            _write(file, part, block)
            progress(done, total)
    if total is not None and done < total:
        raise _CutError(f"the connection ended after {done:,} of {total:,} bytes")


def _read(response: Any, done: int) -> bytes:
    try:
        return bytes(response.read1(BLOCK))
    except TimeoutError:
        raise _CutError(f"it fell silent for {TIMEOUT:g} s after {done:,} bytes") from None
    except (OSError, http.client.HTTPException):
        raise _CutError(f"the connection broke after {done:,} bytes") from None


def _write(file: IO[bytes], part: Path, block: bytes) -> None:
    _writing(part, lambda: file.write(block))


def _writing(part: Path, action: Callable[[], object]) -> None:
    """Does something to the file, and names it where that fails."""
    try:
        action()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(part)) from None


def _answer(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return "it redirects too often, or to where nothing can be fetched"
    return f"it answers {error.code} {http.client.responses.get(error.code, '')}".rstrip()


def _unreachable(reason: object) -> DownloadError:
    if isinstance(reason, TimeoutError):
        return DownloadError(f"it does not answer within {TIMEOUT:g} s")
    if isinstance(reason, socket.gaierror):
        return DownloadError("its name cannot be looked up", is_offline=True)
    if isinstance(reason, OSError) and reason.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED):
        return DownloadError("it cannot be reached", is_offline=True)
    if isinstance(reason, http.client.HTTPException):
        return DownloadError("what answers there does not speak HTTP")
    return DownloadError(f"it cannot be reached ({reason})")
