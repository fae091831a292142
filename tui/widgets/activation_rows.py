"""What the hidden layers make of a digit: a row of shades a layer, and its most active neurons by their numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.shades import SHADES
from tui.widgets import half_blocks, mixing

NAMED = 12
"""The most neurons named."""


class ActivationRows(Widget):
    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"activation-rows--title", "activation-rows--neurons"}
    DEFAULT_CSS = """
    ActivationRows {
        height: 1fr;

        .activation-rows--title {
            color: $text-accent;
        }

        .activation-rows--neurons {
            color: $foreground-muted;
        }
    }
    """

    activations: reactive[tuple[npt.NDArray[np.float32], ...]] = reactive((), always_update=True)
    """The activations of each hidden layer, [neurons] each."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return sum(1 + -(-len(layer) // max(1, width)) for layer in self.activations) or 1

    def watch_activations(self, before: tuple[npt.NDArray[np.float32], ...], now: tuple[npt.NDArray[np.float32], ...]) -> None:
        if list(map(len, before)) != list(map(len, now)):
            self.refresh(layout=True)

    @property
    def _lines(self) -> list[tuple[int, int]]:
        """What stands on each line: the layer, and which line of its shades, from 1; 0 is its title."""
        width, height = self.size
        wanted = [-(-len(layer) // max(1, width)) for layer in self.activations]
        if sum(wanted) + len(wanted) > height:
            wanted = [1] * len(wanted)
        return [(number, line) for number, lines in enumerate(wanted) for line in range(lines + 1)]

    def render_line(self, y: int) -> Strip:
        lines = self._lines
        if not lines and y == 0:
            segments = [Segment("This network has no hidden layers.", self.get_component_rich_style("activation-rows--neurons"))]
        elif y >= len(lines):
            segments = []
        elif lines[y][1] == 0:
            segments = self._title(lines[y][0])
        else:
            segments = self._shades(*lines[y], is_whole=sum(number == lines[y][0] for number, _ in lines) > 2)
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _title(self, number: int) -> list[Segment]:
        layer = self.activations[number]
        title = f"Layer {number + 1}, {len(layer):,} neurons"
        asked = ", most active: "
        named = strongest(layer, self.size.width - len(title) - len(asked))
        segments = [Segment(title + asked * bool(named), self.get_component_rich_style("activation-rows--title"))]
        return [*segments, Segment(named, self.get_component_rich_style("activation-rows--neurons"))]

    def _shades(self, number: int, line: int, is_whole: bool) -> list[Segment]:
        paper, ink = mixing.paper(self), mixing.variable(self, "ink")
        strengths, width = np.abs(self.activations[number]), self.size.width
        scale = max(float(strengths.max(initial=0)), 1e-12)
        row = strengths[(line - 1) * width : line * width] if is_whole else squeezed(strengths, width)
        pixels = (255 * row / scale).astype(np.uint8)
        return [Segment(SHADES[int(pixel) * len(SHADES) // 256], half_blocks.style(paper, ink, int(pixel))) for pixel in pixels]


def squeezed(values: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    """At most ``width`` numbers for ``values``: the largest of each stretch."""
    if len(values) <= width or not width:
        return values
    return np.maximum.reduceat(values, np.linspace(0, len(values), width, endpoint=False).astype(np.intp))


def strongest(activations: npt.NDArray[np.float32], room: int) -> str:
    """The numbers of the neurons whose activations are farthest from 0, the farthest first, from 1: as many as fit into ``room``."""
    if not activations.any():
        return "none" if room >= len("none") else ""
    text = ""
    for neuron in np.argsort(-np.abs(activations), kind="stable")[:NAMED]:
        longer = f"{text}, {neuron + 1}" if text else str(neuron + 1)
        if activations[neuron] == 0 or len(longer) > room:
            break
        text = longer
    return text
