"""Sections of label and value, one below the other."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from textual.content import Content
from textual.widget import Widget

NARROWEST = 12
"""Columns of a value, at the least."""


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

    def __init__(self, sections: Sequence[Section] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections = sections

    def show(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self.refresh(layout=True)

    def render(self) -> Content:
        lines: list[Content] = []
        for section in self._sections:
            lines += [Content.styled(section.title, "bold $text-accent"), *_rows(section, self.size.width), Content("")]
        return Content("\n").join(lines)


def _rows(section: Section, width: int) -> list[Content]:
    """Labels in a column of their own; values that are too long go on below their beginning."""
    labels = max(len(label) for label, _ in section.rows) + 2
    lines = []
    for label, value in section.rows:
        first, *rest = textwrap.wrap(value, max(NARROWEST, width - labels)) or [""]
        lines.append(Content.assemble((label.ljust(labels), "$foreground-muted"), first))
        lines += [Content(" " * labels + part) for part in rest]
    return lines
