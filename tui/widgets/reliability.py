"""How far confidence can be believed: for each stretch of it, how many of those digits are right."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from engine.evaluation import CalibrationBin
from tui import formats
from tui.widgets.bars import bar

HEAD = f"{'confidence':>11} {'digits':>8}  "
FIGURES = f"{'right':>9} {'confidence':>11} {'gap':>8}"
MARK = "┃"


class Reliability(Widget):
    """A reliability diagram on its side (DeGroot and Fienberg, 1983): the surest digits first, bars for accuracy, marks for confidence."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"reliability--bar", "reliability--mark", "reliability--label"}
    DEFAULT_CSS = """
    Reliability {
        height: auto;
        max-width: 120;

        .reliability--bar {
            color: $train;
        }

        .reliability--mark {
            color: $validation;
            text-style: bold;
        }

        .reliability--label {
            color: $foreground-muted;
        }
    }
    """

    bins: reactive[tuple[CalibrationBin, ...]] = reactive((), layout=True)
    """In rising order of confidence."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.bins) + 1

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        label, room = self.get_component_rich_style("reliability--label"), max(0, width - len(HEAD) - len(FIGURES))
        if y == 0:
            segments = [Segment(HEAD + " " * room + FIGURES, label)]
        elif y <= len(self.bins):
            segments = self._bin(self.bins[-y], room, label)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _bin(self, item: CalibrationBin, room: int, label: Style) -> list[Segment]:
        stretch = f"{item.lower:.0%} - {item.upper:.0%}"
        head = Segment(f"{stretch:>11} {item.samples:>8,}  ", label)
        if item.accuracy is None or item.confidence is None:
            return [head, Segment(" " * room, label), Segment(f"{'-':>9} {'-':>11} {'-':>8}", label)]
        figures = f"{formats.percent(item.accuracy):>9} {formats.percent(item.confidence):>11} {item.accuracy - item.confidence:>+8.2%}"
        return [head, *self._bar(item.accuracy, item.confidence, room), Segment(figures, self.rich_style)]

    def _bar(self, accuracy: float, confidence: float, room: int) -> list[Segment]:
        if not room:
            return []
        text, place = bar(accuracy, room).ljust(room), min(room - 1, int(confidence * room))
        drawn, mark = self.get_component_rich_style("reliability--bar"), self.get_component_rich_style("reliability--mark")
        if text[place] == "█":
            mark += Style(bgcolor=drawn.color)
        return [Segment(text[:place], drawn), Segment(MARK, mark), Segment(text[place + 1 :], drawn)]
