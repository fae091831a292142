"""The classes, the likeliest first, each with a bar and its probability, and with what it is in another epoch."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import formats
from tui.cells import flush_right
from tui.digits.ranked import Ranked
from tui.widgets.bars import bar

MARK = "│"
"""Where a bar ends in the other epoch."""
PRECISE = 56
"""Columns from which on probabilities have four decimals."""
NOTICED = 0.005
"""The change of a probability from which on an arrow is drawn."""


class PredictionBars(Widget):
    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"prediction-bars--{part}" for part in ("bar", "right", "wrong", "first", "rest")}
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

        .prediction-bars--first {
            color: $text-accent;
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
        item, names = self.ranked[y], max(cell_len(item.name) for item in self.ranked)
        is_wrong = y == 0 and item.is_target is False
        part = "right" if item.is_target else "wrong" if is_wrong else "first" if y == 0 else "rest"
        style = self.get_component_rich_style(f"prediction-bars--{part}")
        figures = self._figures(item, precise=width >= PRECISE)
        room = max(0, width - names - len(figures) - 3)
        sign = "✓" if item.is_target else "✗" if is_wrong else " "
        head = Segment(f"{sign} {flush_right(item.name, names)} ", style)
        return Strip([head, *self._bar(item, room, style), Segment(figures, style)]).adjust_cell_length(width, self.rich_style)

    def _bar(self, item: Ranked, room: int, style: Style) -> list[Segment]:
        text = bar(item.probability, room).ljust(room)
        place = None if item.before is None else round(item.before * room)
        if place is None or not 0 < place < room or abs(item.probability - (item.before or 0)) < NOTICED:
            return [Segment(text, style)]
        mark = self.get_component_rich_style("prediction-bars--bar")
        if text[place] == "█":
            mark = Style(color=self.background_colors[1].rich_color, bgcolor=style.color)
        return [Segment(text[:place], style), Segment(MARK, mark), Segment(text[place + 1 :], style)]

    def _figures(self, item: Ranked, precise: bool) -> str:
        text = f"{formats.percent(item.probability, 4):>11}" if precise else f"{formats.percent(item.probability):>9}"
        if any(other.before is not None for other in self.ranked):
            text += f" {arrow(item)}"
        if item.output is not None:
            text += f"{item.output:9.3f}"
        return text


def arrow(item: Ranked) -> str:
    """Whether the probability is higher or lower than in the other epoch."""
    change = 0.0 if item.before is None else item.probability - item.before
    return "▲" if change >= NOTICED else "▼" if change <= -NOTICED else " "
