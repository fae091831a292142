"""How far something is, as a line of which a part is thick."""

from __future__ import annotations

from textual.content import Content


def track(fraction: float, width: int) -> Content:
    full = round(max(0.0, min(1.0, fraction)) * width)
    return Content.assemble(("━" * full, "$primary"), ("─" * (width - full), "$foreground-disabled"))
