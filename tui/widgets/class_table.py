"""Precision, recall and F1 of each class."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from engine.evaluation import ClassFigures
from tui import formats
from tui.cells import flush_right


class ClassTable(Static):
    DEFAULT_CSS = """
    ClassTable {
        height: auto;
        width: auto;
    }
    """

    def show(self, figures: Sequence[ClassFigures], classes: Sequence[str]) -> None:
        margin = max(map(cell_len, classes))
        lines = [Content.styled(f"{'':{margin}} {'precision':>10} {'recall':>8} {'F1':>8} {'digits':>7}", "$foreground-muted")]
        for name, item in zip(classes, figures, strict=True):
            precision, recall, f1 = (formats.percent(value) for value in (item.precision, item.recall, item.f1))
            lines.append(
                Content.assemble(
                    (flush_right(name, margin), "$foreground-muted"), f" {precision:>10} {recall:>8} {f1:>8} {item.support:>7,}"
                )
            )
        self.update(Content("\n").join(lines))
