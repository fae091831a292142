"""Imports that neither hold up the interface nor its end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading


async def imported(*modules: str) -> None:
    """Imports modules in a thread. Unlike one of the loop's own, the thread is not waited for when the program ends.

    Raises what the import raises.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def work() -> None:
        error: Exception | None = None
        try:
            for module in modules:
                importlib.import_module(module)
        except Exception as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, error)

    def settle(error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    await done
