"""Spans of time in words."""

from __future__ import annotations

SHORT = 0.0995
"""Seconds below which times are told in milliseconds: two decimals would leave a digit or none."""


def duration(seconds: float, places: int = 1) -> str:
    """Seconds in words, such as ``1 h 2 min``, ``1 min 30 s``, ``4.1 s``, with so many decimals, or ``76 ms``."""
    if seconds < SHORT:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 59.95:
        return f"{seconds:.{places}f} s"
    if seconds < 599.5:
        return "{} min {} s".format(*divmod(round(seconds), 60))
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
