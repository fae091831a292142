"""The classes, the likeliest first, each with a bar and its probability."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

EIGHTHS = " ▏▎▍▌▋▊▉"
FIGURES = 12
"""Columns that the percentage and the sign take."""


@dataclass(frozen=True)
class Ranked:
    """One class: its name, its probability, and whether it is the right one."""

    name: str
    probability: float
    is_target: bool


class PredictionBars(Widget):
    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"prediction-bars--bar", "prediction-bars--right", "prediction-bars--wrong", "prediction-bars--rest"}
    DEFAULT_CSS = """
    PredictionBars {
        height: 10;

        .prediction-bars--bar {
            color: $foreground-muted;
        }

        .prediction-bars--right {
            color: $text-success;
            text-style: bold;
        }

        .prediction-bars--wrong {
            color: $text-error;
            text-style: bold;
        }

        .prediction-bars--rest {
            color: $foreground-muted;
        }
    }
    """

    ranked: reactive[tuple[Ranked, ...]] = reactive(())
    """The likeliest first."""

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self.ranked):
            return Strip.blank(width, self.rich_style)
        item, names = self.ranked[y], max(len(item.name) for item in self.ranked)
        part = "right" if item.is_target else "wrong" if y == 0 else "rest"
        style = self.get_component_rich_style(f"prediction-bars--{part}")
        room = max(0, width - names - FIGURES - 2)
        sign = "✓" if item.is_target else "✗" if y == 0 else " "
        segments = [
            Segment(f"{sign} {item.name:>{names}} ", style),
            Segment(bar(item.probability, room).ljust(room), style),
            Segment(f"{item.probability:9.2%}", style),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)


def bar(fraction: float, width: int) -> str:
    """A bar in eighths of a column."""
    eighths = round(fraction * width * 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
