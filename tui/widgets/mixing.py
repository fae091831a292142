"""The theme's colours, and what lies between two of them. Those that it leaves to the terminal cannot be mixed: nobody knows them."""

from __future__ import annotations

from textual.color import Color
from textual.widget import Widget

from tui.colours.legibility import best

TERMINAL_BLACK, TERMINAL_WHITE = Color.parse("ansi_black"), Color.parse("ansi_bright_white")
NEARER = 0.4
"""The share from which on the second of two colours that cannot be mixed stands for both."""


def paper(widget: Widget) -> Color:
    """The background of a widget."""
    return widget.background_colors[1]


def variable(widget: Widget, name: str) -> Color:
    """A colour of the theme by its name."""
    return Color.parse(widget.app.theme_variables[name])


def is_terminals(color: Color) -> bool:
    """Whether the terminal decides how it looks."""
    return color.ansi is not None


def mixed(first: Color, second: Color, share: float) -> Color:
    """The first colour with a share of the second."""
    if is_terminals(first) or is_terminals(second):
        return second if share >= NEARER else first
    return first.blend(second, share)


def legible_on(ground: Color, *inks: Color) -> Color:
    """The first of the inks that can be read there, or black or white; on a colour of the terminal's own, black, and on its background
    the first.
    """
    if is_terminals(ground):
        return inks[0] if ground.ansi == -1 else TERMINAL_BLACK
    return best(ground, *inks)
