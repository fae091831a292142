"""Lines can be told from their ground in every theme."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.themes import CONTRAST, THEMES, contrast, defaults

ALL = [*BUILTIN_THEMES.values(), *THEMES]


@pytest.mark.parametrize("theme", [theme for theme in ALL if not theme.ansi], ids=lambda theme: theme.name)
def test_charts_are_legible(theme: Theme) -> None:
    variables = {**theme.to_color_system().generate(), **defaults(theme), **theme.variables}
    ground = Color.parse(variables["background"])
    train, validation, earlier, ink = (contrast(Color.parse(variables[name]), ground) for name in ("train", "validation", "earlier", "ink"))
    assert min(train, validation, ink) >= CONTRAST
    assert 1.5 <= earlier < max(train, validation)
    assert variables["train"] != variables["validation"]


@pytest.mark.parametrize("theme", [theme for theme in ALL if theme.ansi], ids=lambda theme: theme.name)
def test_an_ansi_theme_has_the_terminals_colours_only(theme: Theme) -> None:
    variables = {**defaults(theme), **theme.variables}
    assert all(Color.parse(variables[name]).ansi is not None for name in ("train", "validation", "earlier", "ink"))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)
