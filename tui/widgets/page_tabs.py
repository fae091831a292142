"""The pages of a screen, each with its key, the one shown marked."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.bindings import Action, key_name


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
            return Content.styled(_label(action), "bold $background on $accent")
        return Content.assemble((f" {key_name(action.keys)}", "$accent"), (f" {action.title} ", "$foreground"))

    def on_click(self, event: Click) -> None:
        end = 1
        for action in self._actions:
            begin, end = end, end + len(_label(action))
            if begin <= event.x < end:
                self.post_message(self.Chosen(action))


def _label(action: Action) -> str:
    return f" {key_name(action.keys)} {action.title} "
