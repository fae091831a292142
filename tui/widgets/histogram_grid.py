"""Small histograms, three a layer: its weights, its activations and its gradients."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from engine.insight.histograms import BINS, Histogram, LayerHistograms

KINDS = ("weights", "activations", "gradients")
COLOURS = ("train", "validation", "rest")
GAP = 2
LINES = 4
"""Lines of a layer besides its bars: its name, what is what, the axis, and a blank one."""
BESIDES = 8
"""Lines of the screen that are not for layers."""
LOW, TALL = 3, 10
"""Lines of bars."""
ROUNDING = 1e-6
"""Standard deviations below which a mean is what 32-bit numbers leave of 0: the gradients of an output layer add up to it."""
EIGHTHS = " ▁▂▃▄▅▆▇█"


class HistogramGrid(Widget):
    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"histogram-grid--title", "histogram-grid--label", *(f"histogram-grid--{name}" for name in COLOURS)}
    DEFAULT_CSS = """
    HistogramGrid {
        height: auto;

        .histogram-grid--title {
            color: $text-accent;
            text-style: bold;
        }

        .histogram-grid--label {
            color: $foreground-muted;
        }

        .histogram-grid--train {
            color: $train;
        }

        .histogram-grid--validation {
            color: $validation;
        }

        .histogram-grid--rest {
            color: $secondary;
        }
    }
    """

    histograms: reactive[tuple[LayerHistograms, ...]] = reactive((), layout=True)
    """Of each layer, from input to output."""

    @property
    def _bars(self) -> int:
        """Lines of bars: as many as the screen has room for."""
        room = (self.screen.size.height - BESIDES) // max(1, len(self.histograms)) - LINES
        return max(LOW, min(TALL, room))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.histograms) * (self._bars + LINES)

    def render_line(self, y: int) -> Strip:
        number, line = divmod(y, self._bars + LINES)
        segments = self._line(self.histograms[number], line) if number < len(self.histograms) else []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, layer: LayerHistograms, line: int) -> list[Segment]:
        bars, column = self._bars, (self.size.width - GAP * (len(KINDS) - 1)) // len(KINDS)
        histograms = (layer.weights, layer.activations, layer.gradients)
        label = self.get_component_rich_style("histogram-grid--label")
        if line == 0:
            dead = f", {layer.dead:,} dead" if layer.dead else ""
            return [Segment(f"{layer.name}: {layer.neurons:,} neurons{dead}", self.get_component_rich_style("histogram-grid--title"))]
        if line == 1:
            texts = [described(kind, item, column) for kind, item in zip(KINDS, histograms, strict=True)]
        elif line < bars + 2:
            texts = [columns(item, column, bars)[line - 2] for item in histograms]
        elif line == bars + 2:
            texts = [axis(item, column) for item in histograms]
        else:
            return []
        styles = [self.get_component_rich_style(f"histogram-grid--{name}") for name in COLOURS] if 2 <= line < bars + 2 else [label] * 3
        return [Segment(text.ljust(column + GAP), style) for text, style in zip(texts, styles, strict=True)]


def described(kind: str, item: Histogram, width: int) -> str:
    """What is counted, with mean and standard deviation where there is room for them."""
    mean = item.mean if abs(item.mean) > ROUNDING * item.deviation else 0.0
    longer = f"{kind}  {mean:.2g} ± {item.deviation:.2g}"
    return longer if len(longer) <= width else kind


def columns(item: Histogram, width: int, height: int) -> list[str]:
    """Bars upright, a line of the picture each: heights are the square roots of the counts, so that a few among thousands are seen."""
    counts = item.merged(_fitting(width))
    highest = max(counts) or 1
    eighths = [max(1, round((count / highest) ** 0.5 * height * 8)) if count else 0 for count in counts]
    repeated = max(1, width // len(counts))
    return ["".join(EIGHTHS[max(0, min(8, level - 8 * line))] * repeated for level in eighths) for line in range(height - 1, -1, -1)]


def axis(item: Histogram, width: int) -> str:
    """The lowest value and the highest, under the ends of the bars."""
    bins = _fitting(width)
    drawn = bins * max(1, width // bins)
    low, high = f"{item.low:.2g}", f"{item.high:.2g}"
    return low + high.rjust(max(len(high) + 1, drawn - len(low)))


def _fitting(width: int) -> int:
    """The most bins that whole ones can be put together to, a column each at the least."""
    return next(bins for bins in range(max(1, min(width, BINS)), 0, -1) if BINS % bins == 0)
