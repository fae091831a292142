"""What is said above the predictions of a test digit, worded for the columns that there are: three lines, more where it takes them."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

LINES = 3


class DigitCaption(Widget):
    DEFAULT_CSS = """
    DigitCaption {
        height: auto;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: Callable[[int], Content] = lambda width: Content("")

    def show(self, words: Callable[[int], Content]) -> None:
        """``words`` takes the columns that there are."""
        self._words = words
        self.refresh(layout=self._height(self.size.width) != self.size.height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._height(width)

    def _height(self, width: int) -> int:
        return max(LINES, self._words(width).get_height({}, width) if width else 0)

    def render(self) -> Content:
        return self._words(self.size.width)
