"""Labels and values, one below the other."""

from __future__ import annotations

import pytest

from engine.statistics import Section
from tui.widgets.sections import Sections

SHORT, LONG = Section("A", (("Loss", "0.1"),)), Section("B", (("Training time", "1.5 s"),))


@pytest.mark.parametrize(("width", "place"), [(40, 15), (18, 15), (17, 6)], ids=["wide", "just fits", "narrow"])
def test_values_of_all_sections_are_in_one_column_where_they_fit(width: int, place: int) -> None:
    sections = Sections([SHORT, LONG])
    _, loss, *_ = (line.plain for line in sections._lines(width))
    assert loss.index("0.1") == place
