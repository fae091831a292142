"""Colours that can be mixed: those of the theme; for those that it leaves to the terminal, what they are likely to be there."""

from __future__ import annotations

from textual.color import Color
from textual.widget import Widget

BLACK, WHITE = Color(0, 0, 0), Color(255, 255, 255)


def paper(widget: Widget) -> Color:
    """The background of a widget."""
    return _mixable(widget.background_colors[1], BLACK if widget.app.current_theme.dark else WHITE)


def variable(widget: Widget, name: str) -> Color:
    """A colour of the theme by its name."""
    return _mixable(Color.parse(widget.app.theme_variables[name]), WHITE if widget.app.current_theme.dark else BLACK)


def _mixable(color: Color, likely: Color) -> Color:
    """Without the mark that it is the terminal's own, which mixing would take over."""
    if color.ansi is None:
        return color
    return likely if color.ansi < 0 else Color(*color.rgb)
