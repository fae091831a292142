"""A process of the dashboard's own comes to its end."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process


async def end(process: Process, patience: float) -> None:
    """Closes its stdin, which tells it to end; by force where it does not within so many seconds."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), patience)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
