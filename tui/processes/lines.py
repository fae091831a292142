"""What another process writes, line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tui.processes.log import ProcessLog

LEFT_OUT = b"a line that is too long was left out\n"


async def lines(stream: asyncio.StreamReader, log: ProcessLog) -> AsyncIterator[bytes]:
    """To the end, the last one whole or not. Of a line beyond the stream's limit, the log has a word."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            log.write(LEFT_OUT)
            continue
        if not line:
            return
        yield line
