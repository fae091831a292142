"""A web server that answers well, or in the ways that servers go wrong."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves ``/DIRECTORY/FILE`` from ``files``; ``behaviours`` answer for a directory instead."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.behaviours: dict[str, Callable[[Handler, bytes], None]] = {}
        self.requests: Counter[str] = Counter()
        self.ranges: list[str] = []

    def address(self, directory: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{directory}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        directory, _, name = self.path.strip("/").partition("/")
        self.server.requests[directory] += 1
        if "Range" in self.headers:
            self.server.ranges.append(self.headers["Range"])
        self.server.behaviours.get(directory, Handler.whole)(self, self.server.files[name])

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

    def answer(self, code: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def whole(self, data: bytes) -> None:
        self.answer(200, data)

    def ranged(self, data: bytes) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            self.answer(416)
        elif start:
            self.answer(206, data[start:], Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.answer(200, data)

    def cut(self, data: bytes) -> None:
        """Half of what is asked for, each time, until little is left."""
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rest = data[start:]
        headers = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self.answer(206 if start else 200, rest if len(rest) < 20 else rest[: len(rest) // 2], len(rest), **headers)
        self.close_connection = True

    def always_cut(self, data: bytes) -> None:
        self.answer(200, data[:10], len(data))
        self.close_connection = True

    def chunked(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))

    def cut_chunk(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s" % (len(data), data[:10]))
        self.close_connection = True

    def silent(self, data: bytes) -> None:
        self.answer(200, data[:10], len(data))
        threading.Event().wait(2)

    def page(self, data: bytes) -> None:
        self.answer(200, b"<html>Log in to the hotel's network</html>")

    def damaged(self, data: bytes) -> None:
        raw = bytearray(gzip.decompress(data))
        raw[-1] ^= 1
        self.answer(200, gzip.compress(bytes(raw)))

    def forbidden(self, data: bytes) -> None:
        self.answer(403, b"no")

    def moved(self, data: bytes) -> None:
        self.answer(302, Location=self.path.replace("/moved/", "/whole/"))

    def loop(self, data: bytes) -> None:
        self.answer(302, Location=self.path)

    def chain(self, data: bytes) -> None:
        self.answer(302, Location=f"{self.path}x")

    def to_a_file(self, data: bytes) -> None:
        self.answer(302, Location="file:///etc/passwd")

    def huge(self, data: bytes) -> None:
        self.answer(200, data, 2**40)
        self.close_connection = True

    def wrong_part(self, data: bytes) -> None:
        self.answer(206, data[1:], Content_Range=f"bytes 1-{len(data) - 1}/{len(data)}")
