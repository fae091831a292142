"""A curve in a line of characters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

LEVELS = "▁▂▃▄▅▆▇"
"""Without the full block, which would join the lines of a table."""
PERFECT = 1e-4
"""An error that cannot be told from none."""


class Scale:
    """One scale for the learning curves of many trials: errors on a logarithmic scale, from the worst to the best."""

    def __init__(self, curves: Iterable[Sequence[float | None]]) -> None:
        """Of the first epochs a quarter may be worse than the scale's lower end: that is where a few hopeless trials are."""
        kept = [_errors(curve) for curve in curves]
        firsts = sorted(errors[0] for errors in kept if errors)
        self._worst = math.log(firsts[(len(firsts) - 1) * 3 // 4]) if firsts else 0.0
        self._best = min((math.log(min(errors)) for errors in kept if errors), default=-1.0)

    def level(self, accuracy: float) -> int:
        """0 to 6."""
        span = self._worst - self._best
        share = (self._worst - math.log(max(PERFECT, 1 - accuracy))) / span if span > 0 else 1.0
        return max(0, min(len(LEVELS) - 1, round(share * (len(LEVELS) - 1))))

    def draw(self, curve: Sequence[float | None], width: int) -> str:
        """At most ``width`` characters, one an epoch, or of longer curves the last of each stretch."""
        values = [value for value in curve if value is not None]
        if len(values) > width:
            values = [values[(place + 1) * len(values) // width - 1] for place in range(width)]
        return "".join(LEVELS[self.level(value)] for value in values)


def _errors(curve: Sequence[float | None]) -> list[float]:
    return [max(PERFECT, 1 - value) for value in curve if value is not None]
