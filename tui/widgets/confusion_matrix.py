"""How often each class was taken for each other: a table whose shades follow its counts."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

CELL = 5
"""Columns of a count."""
STRONGEST = 0.75


class ConfusionMatrix(Widget):
    """Rows are the targets, columns the predictions."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"confusion-matrix--label"}
    DEFAULT_CSS = """
    ConfusionMatrix {
        width: auto;
        height: auto;

        .confusion-matrix--label {
            color: $foreground-muted;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: Sequence[Sequence[int]] = ()
        self._names: Sequence[str] = ()

    def show(self, counts: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
        """``counts[target][prediction]``."""
        self._counts, self._names = counts, [name[: CELL - 1] for name in classes]
        self.refresh(layout=True)

    @property
    def _margin(self) -> int:
        return max((len(name) for name in self._names), default=0) + 1

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._margin + CELL * len(self._names)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._counts) + 1 if self._counts else 0

    def render_line(self, y: int) -> Strip:
        if y > len(self._counts) or not self._counts:
            return Strip.blank(self.size.width, self.rich_style)
        label = self.get_component_rich_style("confusion-matrix--label")
        if y == 0:
            names = "".join(f"{name:>{CELL}}" for name in self._names)
            return Strip([Segment(" " * self._margin, label), Segment(names, label)])
        row = self._counts[y - 1]
        cells = [self._cell(count, place == y - 1, sum(row)) for place, count in enumerate(row)]
        return Strip([Segment(f"{self._names[y - 1]:>{self._margin - 1}} ", label), *cells])

    def _cell(self, count: int, is_right: bool, total: int) -> Segment:
        """Hits in one colour; misses in another, by the root of their share, so that a few of a thousand are seen."""
        variables = self.app.theme_variables
        paper = self.background_colors[1]
        ink = Color.parse(variables["success" if is_right else "error"])
        share = count / total if total else 0.0
        strength = STRONGEST * (share if is_right else min(1.0, (8 * share) ** 0.5)) if count else 0.0
        ground = paper.blend(ink, strength)
        text = f"{count or '·':>{CELL}}"
        front = Color.parse(variables["foreground"]) if count else paper.blend(Color.parse(variables["foreground"]), 0.35)
        return Segment(text, Style(color=front.rich_color, bgcolor=ground.rich_color))
