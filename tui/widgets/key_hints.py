"""What can be pressed, in a line: keys look the same wherever they are named."""

from __future__ import annotations

from textual.content import Content


def key_hints(*hints: tuple[str, str], gap: str = "   ") -> Content:
    """Of keys and what they do."""
    return Content(gap).join([Content.assemble((key, "$text-accent"), (f" {what}", "$foreground-muted")) for key, what in hints])
