"""What the dashboard remembers while it is used, for the next time it is opened."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.timer import Timer

from tui.state import Memory

DELAY = 1.0
"""Seconds after a change until what is remembered is written, with what else has changed by then."""


class Remembering(App[None]):
    """The part of the app that has a memory."""

    memory: Memory
    _memory_timer: Timer | None = None

    def remember(self, **changes: Any) -> None:
        """Changes what there is the next time: fields of ``State``."""
        self.memory.remember(**changes)
        if self._memory_timer is None:
            self._memory_timer = self.set_timer(DELAY, self._write_memory)

    def arrangement(self, name: str, default: Any) -> Any:
        """How a screen was arranged, by a name such as ``draw.width``; the default too where the last value was of another kind."""
        value = self.memory.state.layout.get(name, default)
        return value if isinstance(value, type(default)) else default

    def arrange(self, name: str, value: Any) -> None:
        """Remembers how a screen is arranged, as anything that JSON can hold."""
        self.remember(layout={**self.memory.state.layout, name: value})

    def _write_memory(self) -> None:
        self._memory_timer = None
        self.run_worker(self.memory.write, thread=True, group="memory")
