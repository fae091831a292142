"""Themes of our own: dark, light, one for eyes that see few colours, and one of the terminal's own colours.

``$train``, ``$validation`` and ``$earlier`` are the charts' colours, with those of ``curves``; ``$ink`` is that of a digit.
"""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

from tui.colours.curves import curve_colours
from tui.colours.legibility import legible

DARK = Theme(
    name="digits-dark",
    primary="#5fb8c9",
    secondary="#9d8df1",
    accent="#e8b15a",
    foreground="#d5dbe5",
    background="#10141b",
    surface="#161c26",
    panel="#202937",
    success="#7cc58a",
    warning="#e8b15a",
    error="#ef7480",
    dark=True,
    variables={
        "border": "#5fb8c9",
        "border-blurred": "#2b3648",
        "footer-background": "#161c26",
        "footer-key-foreground": "#e8b15a",
        "footer-description-foreground": "#93a0b4",
        "input-selection-background": "#5fb8c9 35%",
        "block-cursor-background": "#2d4a5c",
        "block-cursor-foreground": "#f2f6fb",
        "block-cursor-text-style": "none",
        "scrollbar": "#33415a",
        "scrollbar-hover": "#465a7a",
        "scrollbar-active": "#5fb8c9",
        "scrollbar-background": "#161c26",
        "scrollbar-background-hover": "#161c26",
        "scrollbar-background-active": "#161c26",
        "train": "#5fb8c9",
        "validation": "#e8b15a",
        "earlier": "#465368",
        "ink": "#e8edf5",
    },
)

LIGHT = Theme(
    name="digits-light",
    primary="#0b7285",
    secondary="#6741d9",
    accent="#b45309",
    foreground="#2b313b",
    background="#f7f5f0",
    surface="#fffdf9",
    panel="#eae6dd",
    success="#2b8a3e",
    warning="#b45309",
    error="#c92a2a",
    dark=False,
    variables={
        "border": "#0b7285",
        "border-blurred": "#d5cfc2",
        "footer-background": "#eae6dd",
        "footer-key-foreground": "#b45309",
        "footer-description-foreground": "#5c6470",
        "input-selection-background": "#0b7285 25%",
        "block-cursor-background": "#cfe6ea",
        "block-cursor-foreground": "#14181f",
        "block-cursor-text-style": "none",
        "scrollbar": "#cdc6b8",
        "scrollbar-hover": "#b3ab9a",
        "scrollbar-active": "#0b7285",
        "scrollbar-background": "#f0ece3",
        "scrollbar-background-hover": "#f0ece3",
        "scrollbar-background-active": "#f0ece3",
        "train": "#0b7285",
        "validation": "#c2570c",
        "earlier": "#b9b2a3",
        "ink": "#1c2027",
    },
)

COLOUR_BLIND = Theme(
    name="digits-okabe-ito",
    primary="#56b4e9",
    secondary="#cc79a7",
    accent="#f0e442",
    foreground="#e6e6e6",
    background="#111417",
    surface="#181c20",
    panel="#252b31",
    success="#56b4e9",
    warning="#e69f00",
    error="#e8743b",
    dark=True,
    variables={
        "border": "#56b4e9",
        "border-blurred": "#39424a",
        "footer-background": "#181c20",
        "footer-key-foreground": "#f0e442",
        "footer-description-foreground": "#b4bcc4",
        "scrollbar": "#39424a",
        "scrollbar-hover": "#55626d",
        "scrollbar-active": "#56b4e9",
        "scrollbar-background": "#181c20",
        "scrollbar-background-hover": "#181c20",
        "scrollbar-background-active": "#181c20",
        "block-cursor-background": "#0072b2",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "train": "#56b4e9",
        "validation": "#e69f00",
        "earlier": "#6b757e",
        "ink": "#f2f2f2",
    },
)
"""Of the palette by Masataka Okabe and Kei Ito (Color Universal Design, 2008), the vermilion a little lighter for a dark ground."""

ANSI = Theme(
    name="digits-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_green",
    accent="ansi_yellow",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    dark=True,
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "footer-background": "ansi_default",
        "footer-key-foreground": "ansi_yellow",
        "footer-description-foreground": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_cyan",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "train": "ansi_cyan",
        "validation": "ansi_magenta",
        "earlier": "ansi_bright_black",
        "ink": "ansi_default",
    },
)

THEMES = (DARK, LIGHT, COLOUR_BLIND, ANSI)
PURPOSES = {
    DARK.name: "For dark rooms",
    LIGHT.name: "For bright rooms and projectors",
    COLOUR_BLIND.name: "For colour-blind eyes: blue against orange, never red against green",
    ANSI.name: "The terminal's own colours",
}

FAINT = 0.4
"""How much of the ink is in a line that stays in the background."""


def defaults(theme: Theme) -> dict[str, str]:
    """Our variables for a theme that lacks them, from the colours that it has."""
    return {**curve_colours(theme), **_lines(theme)}


def _lines(theme: Theme) -> dict[str, str]:
    if theme.variables.keys() >= {"train", "validation", "earlier", "ink"}:
        return {}
    if theme.ansi:
        shade = "ansi_bright_" if theme.dark else "ansi_"
        lines = (f"{shade}cyan", f"{shade}yellow") if theme.dark else (f"{shade}blue", f"{shade}red")
        return {"train": lines[0], "validation": lines[1], "earlier": "ansi_bright_black", "ink": "ansi_default"}
    ground = Color.parse(theme.background or ("#121212" if theme.dark else "#e0e0e0"))
    ink = Color.parse(theme.foreground or ground.inverse)
    train = legible(Color.parse(theme.primary), ground, ink)
    validation = legible(Color.parse(theme.warning or theme.accent or theme.primary), ground, ink)
    return {"train": train.hex, "validation": validation.hex, "earlier": ground.blend(ink, FAINT).hex, "ink": ink.hex}
