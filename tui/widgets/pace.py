"""How often something that takes long is drawn."""

from __future__ import annotations

from collections.abc import Callable

from textual.message_pump import MessagePump
from textual.timer import Timer


class Pace:
    """Draws at once when that is asked for, but rests between two drawings; what is asked for meanwhile is drawn after the rest."""

    def __init__(self, owner: MessagePump, rest: float, draw: Callable[[], object]) -> None:
        """``rest`` is in seconds; the timer is the owner's, and ends with it."""
        self._owner, self._seconds, self._draw = owner, rest, draw
        self._rest: Timer | None = None
        self._is_asked = False

    @property
    def is_resting(self) -> bool:
        """False once all that was asked for is drawn."""
        return self._rest is not None

    def ask(self) -> None:
        if self._rest is not None:
            self._is_asked = True
            return
        self._is_asked = False
        self._draw()
        self._rest = self._owner.set_timer(self._seconds, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        if self._is_asked:
            self.ask()
