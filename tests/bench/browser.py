"""Drawing with the mouse in a browser: `digits-tui serve` in a headless Chromium.

python -m tests.bench.browser RUN [PICTURE] [CHROMIUM]

Opens the model of a run, draws a seven with the mouse, prints how long the dashboard took to draw and to answer, and writes a screenshot to
PICTURE, which is to be looked at: browser.png, if not given. CHROMIUM is the browser's command: chromium, if not given. Ends with 1 where
nothing was drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.terminal import ESCAPES

SIZE = 1280, 800
PATIENCE = 60.0
SEVEN = [(0.30, 0.25), (0.70, 0.25), (0.62, 0.45), (0.52, 0.65), (0.45, 0.85)]
"""Corners of the stroke, as shares of the canvas."""
STEPS = 6
"""Movements of the mouse from corner to corner."""


class Page:
    """A page of a browser, by the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.drawn = ""
        """The characters that the dashboard has drawn since ``forget``."""

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._receive()).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    async def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._socket.receive_str(timeout=PATIENCE))
        if message.get("method") == "Network.webSocketFrameReceived":
            frame = message["params"]["response"]
            data = base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"].encode()
            self.drawn += ESCAPES.sub(b"", data).decode("utf-8", "replace")
        return message

    async def until(self, what: str, predicate: Callable[[str], object]) -> None:
        """Waits for what the dashboard draws."""
        async with asyncio.timeout(PATIENCE):
            while not predicate(self.drawn):
                await self._receive()
        print(f"{what}: there")

    def forget(self) -> None:
        self.drawn = ""

    async def type(self, text: str) -> None:
        for character in text:
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=character, key=character)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    async def mouse(self, kind: str, x: float, y: float) -> None:
        await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=int(kind != "mouseReleased"), clickCount=1)

    async def evaluate(self, expression: str) -> Any:
        return (await self.call("Runtime.evaluate", expression=expression, returnByValue=True))["result"].get("value")

    async def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"]))


def stroke(left: float, top: float, width: float, height: float) -> list[tuple[float, float]]:
    """Where the mouse goes."""
    corners = [(left + x * width, top + y * height) for x, y in SEVEN]
    return [
        (before[0] + (after[0] - before[0]) * step / STEPS, before[1] + (after[1] - before[1]) * step / STEPS)
        for before, after in itertools.pairwise(corners)
        for step in range(1, STEPS + 1)
    ]


async def draw(page: Page, address: str) -> None:
    await page.call("Network.enable")
    await page.call("Page.enable")
    await page.call("Emulation.setDeviceMetricsOverride", width=SIZE[0], height=SIZE[1], deviceScaleFactor=1, mobile=False)
    begun = time.perf_counter()
    await page.call("Page.navigate", url=address)
    await page.until("the dashboard", lambda drawn: "Statistics" in drawn)
    print(f"first drawn after {time.perf_counter() - begun:.1f} s")
    await page.until("the device", lambda drawn: "· mnist" in drawn)
    await page.evaluate("document.querySelector('.xterm-helper-textarea').focus()")
    await page.call("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
    await asyncio.sleep(1)
    page.forget()
    await page.type("5")
    await page.until("the canvas", lambda drawn: "Draw with" in drawn)
    box = await page.evaluate("(b => [b.x, b.y, b.width, b.height])(document.querySelector('.xterm-screen').getBoundingClientRect())")
    page.forget()
    places = stroke(box[0], box[1] + 0.06 * box[3], 0.45 * box[2], 0.85 * box[3])
    await page.mouse("mousePressed", *places[0])
    for place in places[1:]:
        await page.mouse("mouseMoved", *place)
    begun = time.perf_counter()
    await page.mouse("mouseReleased", *places[-1])
    await page.until("the prediction", lambda drawn: re.search(r"\d+\.\d+%", drawn))
    print(f"answered {1000 * (time.perf_counter() - begun):.0f} ms after the last movement")
    await asyncio.sleep(1)


async def main(run: Path, picture: Path, chromium: str) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        homes = {f"XDG_{kind}_HOME": f"{name}/{kind.lower()}" for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
        serve = [
            sys.executable,
            "-P",
            "-m",
            "tui.cli",
            "serve",
            "--port",
            str(port),
            "--device",
            "cpu",
            "--open",
            str(run.absolute()),
        ]
        server = subprocess.Popen(serve, env={**os.environ, **homes}, stdout=subprocess.DEVNULL)
        given = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            f"--user-data-dir={name}/profile",
            "about:blank",
        ]
        browser = subprocess.Popen([chromium, *given], stderr=subprocess.PIPE, text=True)
        try:
            assert browser.stderr is not None
            [address] = next(found for line in browser.stderr if (found := re.findall(r"ws://127\.0\.0\.1:\d+", line)))
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http{address.removeprefix('ws')}/json/list") as listed:
                    target = next(item for item in await listed.json() if item["type"] == "page")
                async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as connection:
                    page = Page(connection)
                    try:
                        await draw(page, f"http://localhost:{port}/")
                    finally:
                        await page.screenshot(picture)
                        print(f"look at {picture}")
        except TimeoutError:
            print("in vain")
            return 1
        finally:
            browser.terminate()
            server.terminate()
            browser.communicate()
            server.wait()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.browser", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("picture", type=Path, metavar="PICTURE", nargs="?", default=Path("browser.png"))
    parser.add_argument("chromium", metavar="CHROMIUM", nargs="?", default="chromium")
    sys.exit(asyncio.run(main(**vars(parser.parse_args()))))
