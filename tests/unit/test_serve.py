"""The dashboard in a browser: who can reach it, and what is left of it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.support import PATIENCE

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
SERVE = [sys.executable, "-P", "-m", "tui.cli", "serve"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    def __init__(self, directory: Path, *arguments: str) -> None:
        self.port, self.directory = free_port(), directory
        environment = {**os.environ, **{f"XDG_{kind}_HOME": str(directory / kind) for kind in ("DATA", "STATE", "CONFIG", "CACHE")}}
        self.process = subprocess.Popen(
            [*SERVE, "--port", str(self.port), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, text=True
        )
        deadline = time.monotonic() + PATIENCE
        while not self.answers("127.0.0.1"):
            assert self.process.poll() is None and time.monotonic() < deadline, "it does not answer"
            time.sleep(0.05)

    def answers(self, host: str) -> bool:
        try:
            socket.create_connection((host, self.port), 2).close()
        except OSError:
            return False
        return True

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def warning(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path, "--preset", "quick", "--device", "cpu")
    yield served
    served.process.kill()
    served.process.communicate()


def own_address() -> str | None:
    """Another of this machine's addresses than that of loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def children(process: int) -> list[int]:
    """Those below a process, its children's too."""
    found = [int(word) for task in Path(f"/proc/{process}/task").glob("*/children") for word in task.read_text().split()]
    return found + [below for child in found for below in children(child)]


def is_alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_only_this_machine_reaches_it_and_it_ends_with_a_signal(served: Served) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/", timeout=PATIENCE) as page:
        assert "digits-tui" in page.read().decode()
    if address := own_address():
        assert address == "127.0.0.1" or not served.answers(address)
    assert served.end(signal.SIGINT) == 0
    assert "Traceback" not in served.warning()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of children")
def test_a_visitor_has_a_dashboard_and_leaves_no_process_behind(served: Served) -> None:
    async def visit() -> list[int]:
        """The processes that there were, once the dashboard was drawn."""
        seen = b""
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{served.port}/ws?width=120&height=40") as page:
            async with asyncio.timeout(PATIENCE):
                while b"Statistics" not in seen:
                    message = await page.receive()
                    seen += message.data if isinstance(message.data, bytes) else b""
                await page.send_str(json.dumps(["stdin", "\x1b"]))
            below = children(served.process.pid)
            served.process.send_signal(signal.SIGTERM)
            while not page.closed:
                await page.receive()
            assert page.close_code == aiohttp.WSCloseCode.OK, "it is told, not left to find out"
            return below

    processes = asyncio.run(visit())
    assert len(processes) >= 1
    assert served.process.wait(PATIENCE) == 0
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, processes)):
        assert time.monotonic() < deadline, "a process is left behind"
        time.sleep(0.05)


def test_another_address_is_asked_for_and_warned_of(tmp_path: Path) -> None:
    served = Served(tmp_path, "--host", "0.0.0.0")
    served.end(signal.SIGTERM)
    assert "there is no login" in served.warning()
    served.process.communicate()


@pytest.mark.parametrize("arguments", [("--host", "192.0.2.1"), ("--host", "no such host"), ("--port", "0")])
def test_where_it_cannot_listen_is_said(arguments: tuple[str, str]) -> None:
    done = subprocess.run([*SERVE, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2 and "Traceback" not in done.stderr


def test_without_the_extra_it_is_said_how_to_get_it() -> None:
    hidden = "import sys; sys.modules['textual_serve'] = None; from tui.cli import main; main()"
    done = subprocess.run([sys.executable, "-P", "-c", hidden, "serve"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "pip install" in done.stderr and '"textual-serve' in done.stderr
