"""The pages of a screen, each with its key, the one shown marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.content import Content
from textual.events import Click
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.bindings import Action
from tui.dashboard import dashboard
from tui.jump_target import JumpTarget


class PageTabs(Widget):
    """One tab an action; a click posts ``Chosen``."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PageTabs {
        height: 1;
        padding: 0 1;
    }
    """

    class Chosen(Message):
        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    shown: reactive[str] = reactive("")
    """The method of the tab that is marked."""

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions

    def render(self) -> Content:
        return Content.assemble(*map(self._tab, self._actions))

    def _tab(self, action: Action) -> Content:
        if action.method == self.shown:
            return Content.styled(self._label(action), "bold $accent-ink on $accent")
        return Content.assemble((f"{self._margin}{dashboard(self).key(action.id)}", "$text-accent"), (f" {action.title} ", "$foreground"))

    def on_click(self, event: Click) -> None:
        for begin, action in self._begun():
            if begin <= event.x < begin + len(self._label(action)):
                self.post_message(self.Chosen(action))

    def targets(self) -> list[JumpTarget]:
        """The tabs, for jump mode."""
        return [
            JumpTarget(self.region.offset + Offset(begin + len(self._margin) - 1, 0), partial(self.post_message, self.Chosen(action)))
            for begin, action in self._begun()
        ]

    def _begun(self) -> Iterator[tuple[int, Action]]:
        """The tabs, and the columns that they begin at."""
        column = 1
        for action in self._actions:
            yield column, action
            column += len(self._label(action))

    def _label(self, action: Action) -> str:
        return f"{self._margin}{self._text(action)} "

    @property
    def _margin(self) -> str:
        """Left of each tab, where there is room for all of them so."""
        return " " if sum(len(self._text(action)) + 2 for action in self._actions) <= self.size.width else ""

    def _text(self, action: Action) -> str:
        return f"{dashboard(self).key(action.id)} {action.title}"
