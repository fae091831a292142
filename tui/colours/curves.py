"""Colours for up to ten curves in one chart: ``$curve-0`` to ``$curve-9``."""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

from tui.colours.legibility import legible

HUES = ("#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#4b8bd4", "#b39ddb", "#8fbf5f", "#a1887f")
"""Told apart by most eyes: the palette by Masataka Okabe and Kei Ito (Color Universal Design, 2008), and three more."""
TERMINAL_HUES = ("yellow", "cyan", "magenta", "green", "red", "blue", "bright_cyan", "bright_magenta", "bright_green", "bright_blue")
"""The terminal's own."""


def curve_colours(theme: Theme) -> dict[str, str]:
    """As bright or as dark as the theme's ground needs."""
    if theme.ansi:
        return {f"curve-{number}": f"ansi_{hue}" for number, hue in enumerate(TERMINAL_HUES)}
    ground = Color.parse(theme.surface or theme.background or ("#121212" if theme.dark else "#e0e0e0"))
    ink = Color.parse(theme.foreground or ground.inverse)
    return {f"curve-{number}": legible(Color.parse(hue), ground, ink).hex for number, hue in enumerate(HUES)}
