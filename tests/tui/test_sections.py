"""Labels and values, one below the other."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from engine.statistics import Section
from tui.widgets.sections import Sections

WORDS = Section("A", (("Loss", "in words, of which there are many"),))
SHORT, LONG = Section("A", (("Loss", "0.1"),)), Section("B", (("Training time", "1.5 s"),))


@pytest.mark.parametrize(("width", "place"), [(40, 15), (18, 15), (17, 6)], ids=["wide", "just fits", "narrow"])
def test_values_of_all_sections_are_in_one_column_where_they_fit(width: int, place: int) -> None:
    sections = Sections([SHORT, LONG])
    _, loss, *_ = (line.plain for line in sections._lines(width))
    assert loss.index("0.1") == place


def test_a_value_that_goes_on_below_stands_in_the_same_column() -> None:
    _, begun, gone_on, *_ = (line.plain for line in Sections([WORDS, LONG])._lines(33))
    assert (begun.index("in words"), gone_on) == (15, " " * 15 + "there are many")


def test_sections_ask_for_the_width_in_which_their_values_are_in_one_column() -> None:
    assert Sections([WORDS, LONG]).get_content_width(Size(), Size()) == 15 + len("in words, of which there are many")
