"""For widgets that need what only our app has: its keys, its settings, its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.app import App

    from tui.app import DigitsApp


class Node(Protocol):
    @property
    def app(self) -> App[object]: ...


def dashboard(node: Node) -> DigitsApp:
    from tui.app import DigitsApp

    app = node.app
    assert isinstance(app, DigitsApp)
    return app
