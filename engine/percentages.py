"""Fractions as percentages."""

from __future__ import annotations

NOT_MEASURED = "-"


def percent(fraction: float | None, places: int = 2) -> str:
    """A fraction from 0 to 1 as a percentage; ``<0.01%`` and ``>99.99%`` for what would be written as nothing or as all, but is neither."""
    if fraction is None:
        return NOT_MEASURED
    text, least = f"{fraction:.{places}%}", 10**-places
    if fraction > 0 and not float(text[:-1]):
        return f"<{least:.{places}f}%"
    return f">{100 - least:.{places}f}%" if fraction < 1 and float(text[:-1]) == 100 else text
