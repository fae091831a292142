"""Colours that can be told from what they lie on, in themes that were not made for this program too."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color

LINE, TEXT = 3.0, 4.5
"""The contrast of lines and of text with their ground, at the least: WCAG 2.2, 1.4.11 and 1.4.3."""
MUTED = 0.75
"""The contrast of text that recedes, as a share of that of the rest, where that is low."""
SELECTED = 0.2
"""How much of the primary colour is in the ground of what is selected."""
GROUNDS = ("background", "surface", "panel")
INKS = ("text-accent", "text-primary", "text-secondary", "text-success", "text-warning", "text-error")
FOOTER = ("footer-key-foreground", "footer-description-foreground")
BLACK, WHITE = Color(0, 0, 0), Color(255, 255, 255)


def contrast(first: Color, second: Color) -> float:
    """WCAG 2.2's contrast ratio, 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def legible(colour: Color, ground: Color, ink: Color, wanted: float = LINE) -> Color:
    """The colour, with as much of the ink as its contrast with the ground needs."""
    shares = (step / 20 for step in range(21))
    return next((mixed for share in shares if contrast(mixed := colour.blend(ink, share), ground) >= wanted), ink)


def best(ground: Color, *inks: Color) -> Color:
    """The first of the inks that text on the ground may have, or black or white."""
    enough = (ink for ink in inks if contrast(ink, ground) >= TEXT)
    return next(enough, max(BLACK, WHITE, key=lambda ink: contrast(ink, ground)))


def repaired(variables: Mapping[str, str], ansi: bool) -> dict[str, str]:
    """A theme's variables, with text that is legible on every ground of the theme, and with ``selected``, ``primary-ink`` and
    ``accent-ink``: the ground of what is selected, and text on the primary colour and the accent.
    """
    if ansi:
        black, ink = "ansi_black", variables["block-cursor-foreground"]
        return {**variables, "selected": variables["block-cursor-background"], "selected-ink": ink, "primary-ink": ink,
                "accent-ink": black, "input-selection-foreground": black}  # fmt: skip
    background, surface, panel = grounds = [Color.parse(variables[name]) for name in GROUNDS]
    foreground, primary, accent = (Color.parse(variables[name]) for name in ("foreground", "primary", "accent"))
    end = foreground if all(contrast(foreground, ground) >= TEXT for ground in grounds) else best(background)
    selected = surface.blend(primary, SELECTED)
    found = {name: _on_all(Color.parse(variables[name]), grounds, end, TEXT) for name in INKS}
    muted = background + Color.parse(variables["foreground-muted"])
    found["foreground-muted"] = _on_all(muted, [*grounds, selected], end, max(LINE, min(TEXT, MUTED * contrast(foreground, panel))))
    footer = Color.parse(variables["footer-background"])
    found |= {name: legible(footer + Color.parse(variables[name]), footer, best(footer, foreground), TEXT) for name in FOOTER}
    found |= {"selected": selected, "selected-ink": best(selected, foreground)}
    found |= {"input-selection-background": selected, "input-selection-foreground": best(selected, foreground)}
    found |= {"primary-ink": best(primary, background, foreground), "accent-ink": best(accent, background, foreground)}
    return {**variables, **{name: colour.hex for name, colour in found.items()}}


def _on_all(colour: Color, grounds: list[Color], ink: Color, wanted: float) -> Color:
    for ground in grounds:
        colour = legible(colour, ground, ink, wanted)
    return colour
