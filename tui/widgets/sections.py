"""Sections of label and value, one below the other."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

NARROWEST = 12
"""Columns of a value, at the least."""
GAP = 2
"""Columns between the labels and the values."""


class Section(Protocol):
    """A title, and rows of label and value."""

    @property
    def title(self) -> str: ...

    @property
    def rows(self) -> Sequence[tuple[str, str]]: ...


class Sections(Widget):
    DEFAULT_CSS = """
    Sections {
        height: auto;
    }
    """

    def __init__(
        self,
        sections: Sequence[Section] = (),
        *,
        faint: str = "",
        labels: str = "$foreground-muted",
        aligned: bool = True,
        id: str | None = None,
    ) -> None:
        """``faint`` is a pattern of what matters less, ``labels`` the labels' style.

        ``aligned`` is whether the values of all sections stand in one column, where there is room.
        """
        super().__init__(id=id)
        self.sections = sections
        self._is_aligned = aligned
        self._faint = faint
        self._label_style = labels

    def show(self, sections: Sequence[Section]) -> None:
        self.sections = sections
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Room for every value on a line of its own."""
        longest = ((section, max(len(value) for _, value in section.rows)) for section in self.sections)
        return max((self._label_width(section) + value for section, value in longest), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for section in self.sections:
            rows = (self._shaded(row) for row in _rows(section, self._label_width(section, width), width, self._label_style))
            lines += [Content.styled(section.title, "bold $text-accent"), *rows, Content("")]
        return lines

    def _label_width(self, section: Section, width: int | None = None) -> int:
        """Columns of a section's labels in so many columns, or in any number of them."""
        common = max(map(_labels, self.sections))
        return common if self._is_aligned and (width is None or _fits(section, common, width)) else _labels(section)

    def _shaded(self, row: Content) -> Content:
        return row.highlight_regex(self._faint, style="$foreground-muted") if self._faint else row


def _labels(section: Section) -> int:
    return max(len(label) for label, _ in section.rows) + GAP


def _fits(section: Section, labels: int, width: int) -> bool:
    """Whether every value has room beside so many columns of labels, in several lines if need be."""
    longest = max(len(value) for _, value in section.rows)
    word = max((len(word) for _, value in section.rows for word in value.split()), default=0)
    return labels + min(longest, max(NARROWEST, word)) <= width


def _rows(section: Section, labels: int, width: int, style: str) -> list[Content]:
    """Labels in a column of their own, ``labels`` wide; values that are too long go on below their beginning."""
    lines = []
    for label, value in section.rows:
        room = max(NARROWEST, width - labels)
        first, *rest = [value] if len(value) <= room else textwrap.wrap(value, room)
        lines.append(Content.assemble((label.ljust(labels), style), first))
        lines += [Content(" " * labels + part) for part in rest]
    return lines
