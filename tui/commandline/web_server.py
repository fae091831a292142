"""The server of the dashboard in a browser, which lets its visitors go when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from textual_serve.server import Server


class WebServer(Server):
    def __init__(self, command: str, **options: Any) -> None:
        super().__init__(command, **options)
        self._visits: set[asyncio.Task[Any]] = set()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            return await super().handle_websocket(request)
        finally:
            self._visits.discard(visit)

    async def on_shutdown(self, app: web.Application) -> None:
        """Ends what aiohttp would wait for until a heartbeat fails: a cancelled visit ends its dashboard and closes its page."""
        for visit in self._visits:
            visit.cancel()
