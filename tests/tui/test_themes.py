"""Lines can be told from their ground in every theme."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.colours.legibility import FOOTER, GROUNDS, INKS, LINE, TEXT, contrast, repaired
from tui.colours.themes import THEMES, defaults

ALL = [*BUILTIN_THEMES.values(), *THEMES]


@pytest.mark.parametrize("theme", [theme for theme in ALL if not theme.ansi], ids=lambda theme: theme.name)
def test_charts_are_legible(theme: Theme) -> None:
    variables = {**theme.to_color_system().generate(), **defaults(theme), **theme.variables}
    ground = Color.parse(variables["background"])
    train, validation, earlier, ink = (contrast(Color.parse(variables[name]), ground) for name in ("train", "validation", "earlier", "ink"))
    assert min(train, validation, ink) >= LINE
    assert 1.5 <= earlier < max(train, validation)
    assert variables["train"] != variables["validation"]
    assert min(contrast(Color.parse(variables[f"curve-{number}"]), Color.parse(variables["surface"])) for number in range(10)) >= LINE


@pytest.mark.parametrize("theme", [theme for theme in ALL if theme.ansi], ids=lambda theme: theme.name)
def test_an_ansi_theme_has_the_terminals_colours_only(theme: Theme) -> None:
    variables = {**defaults(theme), **theme.variables}
    assert all(Color.parse(variables[name]).ansi is not None for name in ("train", "validation", "earlier", "ink", "curve-0", "curve-9"))


@pytest.mark.parametrize("theme", [theme for theme in ALL if not theme.ansi], ids=lambda theme: theme.name)
def test_text_is_legible(theme: Theme) -> None:
    variables = repaired({**defaults(theme), **theme.to_color_system().generate(), **theme.variables}, ansi=False)
    colours = {name: Color.parse(variables[name]) for name in (*GROUNDS, *INKS, "foreground", "foreground-muted", "selected")}
    for ground in GROUNDS:
        assert min(contrast(colours[ink], colours[ground]) for ink in INKS) >= 0.98 * TEXT
        assert contrast(colours["foreground-muted"], colours[ground]) >= 0.98 * LINE
    assert contrast(colours["foreground-muted"], colours["selected"]) >= 0.98 * LINE
    pairs = [
        ("selected-ink", "selected"),
        ("primary-ink", "primary"),
        ("accent-ink", "accent"),
        *((key, "footer-background") for key in FOOTER),
    ]
    for ink, ground in pairs:
        assert contrast(Color.parse(variables[ink]), Color.parse(variables[ground])) >= 0.98 * TEXT


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)
