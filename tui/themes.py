"""A dark and a light theme of our own. ``$train``, ``$validation`` and ``$earlier`` are the charts' colours."""

from __future__ import annotations

from textual.theme import Theme

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

THEMES = (DARK, LIGHT)


def defaults(theme: Theme) -> dict[str, str]:
    """Our variables for a theme that lacks them, from the colours that it has."""
    return {
        "train": theme.primary,
        "validation": theme.warning or theme.accent or theme.primary,
        "earlier": theme.panel or "#808080",
        "ink": theme.foreground or ("#e0e0e0" if theme.dark else "#202020"),
    }
