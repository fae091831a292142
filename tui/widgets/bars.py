"""Bars in a line: how much, and how far."""

from __future__ import annotations

from textual.content import Content

EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(fraction: float, width: int) -> str:
    """A bar in eighths of a column."""
    eighths = round(fraction * width * 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def track(fraction: float, width: int) -> Content:
    """All of the width, of which a part is thick."""
    full = round(max(0.0, min(1.0, fraction)) * width)
    return Content.assemble(("━" * full, "$primary"), ("─" * (width - full), "$foreground-disabled"))
