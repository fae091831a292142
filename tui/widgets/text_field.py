"""A field of a form that takes text: its footer names keys that are not letters, for those are typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.bindings import rebound


class TextField(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next field"),
        rebound("app.explain", "app.explain", show=True),
    ]

    def __init__(self, text: str, *, name: str) -> None:
        super().__init__(text, compact=True, name=name, select_on_focus=True)
