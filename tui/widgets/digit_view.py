"""A digit in characters or in blocks: as large as there is room for, and with what moved the decision."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import shades
from tui.ascii import is_ascii
from tui.colours.legibility import BLACK, WHITE
from tui.widgets import half_blocks, mixing, saliency_cells, small_images

INKED = 96
"""The brightness from which on a pixel is white in high contrast."""


class View(StrEnum):
    """How a digit is drawn. ``auto`` takes characters where there is room for all of them, else blocks."""

    AUTO = "auto"
    BLOCKS = "blocks"
    CHARACTERS = "characters"
    INVERTED = "inverted"
    CONTRAST = "high contrast"
    DESKEWED = "deskewed"
    """As a network sees it that sees digits so."""


class DigitView(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DigitView {
        color: $ink;
    }
    """

    view: reactive[View] = reactive(View.AUTO)
    image: reactive[npt.NDArray[np.uint8] | None] = reactive(None, always_update=True)
    """[height, width], 0 to 255."""
    deskewed: reactive[npt.NDArray[np.uint8] | None] = reactive(None, always_update=True)
    """The same without its slant, where it is seen so: [height, width]. What moved the decision is not drawn over it."""
    _ground = Style()
    _tones = BLACK, WHITE
    """Of a black and of a white pixel."""
    saliency: reactive[npt.NDArray[np.float32] | None] = reactive(None, always_update=True)
    """How much each pixel spoke for the decision, negative for against it: [height, width]; None draws the digit alone."""

    @property
    def _fits(self) -> bool:
        """Whether there is room for two columns and a row a pixel."""
        height, width = (28, 28) if self.image is None else self.image.shape
        return bool(self.size.width >= 2 * width and self.size.height >= height)

    @property
    def drawn_as(self) -> View:
        """Any but ``auto``; ``deskewed`` where the digit is seen so."""
        if self.view is View.AUTO or (self.view is View.DESKEWED and self.deskewed is None):
            return self._automatic
        return self.view

    @property
    def _automatic(self) -> View:
        return View.CHARACTERS if self._fits else View.BLOCKS

    @property
    def following(self) -> View:
        """The one after that which is drawn."""
        views: list[View] = [view for view in View if view is not View.AUTO and (view is not View.DESKEWED or self.deskewed is not None)]
        return views[(views.index(self.drawn_as) + 1) % len(views)]

    @property
    def _is_in_characters(self) -> bool:
        return (self._automatic if self.drawn_as is View.DESKEWED else self.drawn_as) is View.CHARACTERS

    @property
    def form(self) -> str:
        """How the digit is drawn, in words."""
        if self.drawn_as is View.BLOCKS and is_ascii(self.app):
            return "characters" if self._fits else "small characters"
        return self.drawn_as.value

    def render_lines(self, crop: Region) -> list[Strip]:
        self._ground, self._tones = self.rich_style, self._colours  # once a frame: to work them out for every line takes longest
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.image is None:
            return Strip.blank(width, self._ground)
        draw = self._large if self._fits or self._is_in_characters else self._small
        if self.drawn_as is View.DESKEWED and self.deskewed is not None:
            line = draw(self.deskewed, None, y)
        else:
            line = draw(self.image, self.saliency, y)
        left = (width - sum(len(segment.text) for segment in line)) // 2
        return Strip([Segment(" " * left, self._ground), *line]).adjust_cell_length(width, self._ground)

    def _large(self, image: npt.NDArray[np.uint8], saliency: npt.NDArray[np.float32] | None, y: int) -> list[Segment]:
        """A row of pixels, two columns each; what there is no room for is cut off around the ink."""
        rows = middle(image.max(axis=1), self.size.height)
        columns = middle(image.max(axis=0), self.size.width // 2)
        row = rows.start + y - (self.size.height - (rows.stop - rows.start)) // 2
        if not rows.start <= row < rows.stop:
            return []
        pixels = image[row, columns]
        if saliency is not None:
            return saliency_cells.line(pixels, self._shares(saliency)[row, columns], 2, self._palette)
        paper, ink = self._tones
        if self._is_in_characters or is_ascii(self.app):
            return [Segment(shades.text(self._toned(pixels)), half_blocks.style(paper, ink, 255))]
        return half_blocks.wide_line(self._toned(pixels), paper, ink)

    def _small(self, image: npt.NDArray[np.uint8], saliency: npt.NDArray[np.float32] | None, y: int) -> list[Segment]:
        """Two rows of pixels, a column each."""
        number = y - (self.size.height - half_blocks.lines(image)) // 2
        if not 0 <= number < half_blocks.lines(image):
            return []
        rows = slice(2 * number, 2 * number + 2)
        if saliency is not None:
            shares = saliency_cells.paired(self._shares(saliency)[rows])
            return saliency_cells.line(image[rows].max(axis=0), shares, 1, self._palette)
        return small_images.line(self, self._toned(image), number, *self._tones)

    def _toned(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        if self.drawn_as is View.CONTRAST:
            return np.where(pixels >= INKED, 255, 0).astype(np.uint8)
        return 255 - pixels if self.drawn_as is View.INVERTED and is_ascii(self.app) else pixels

    @property
    def _colours(self) -> tuple[Color, Color]:
        """Of a black and of a white pixel."""
        paper, ink = mixing.paper(self), mixing.variable(self, "ink")
        is_terminals = mixing.is_terminals(paper)
        if self.drawn_as is View.CONTRAST:
            return (mixing.TERMINAL_BLACK, mixing.TERMINAL_WHITE) if is_terminals else (BLACK, WHITE)
        if self.drawn_as is View.INVERTED and not is_ascii(self.app):
            inverted = (mixing.TERMINAL_WHITE, mixing.TERMINAL_BLACK)
            return (inverted if self.app.current_theme.dark else inverted[::-1]) if is_terminals else (ink, paper)
        return paper, ink

    @property
    def _palette(self) -> saliency_cells.Palette:
        return saliency_cells.Palette(mixing.paper(self), *(mixing.variable(self, name) for name in ("ink", "success", "error")))

    @staticmethod
    def _shares(saliency: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        strongest = np.abs(saliency).max()
        return saliency / strongest if strongest > 0 else saliency


def middle(inked: npt.NDArray[np.uint8], room: int) -> slice:
    """All rows (or columns) where there is room for them, else as many as there is room for, around those with ink."""
    count = len(inked)
    if count <= room:
        return slice(0, count)
    places = np.flatnonzero(inked)
    centre = (int(places[0]) + int(places[-1]) + 1) / 2 if len(places) else count / 2
    start = max(0, min(count - room, round(centre - room / 2)))
    return slice(start, start + room)
