"""The top line: the program's name, the modes, the device and the data set."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.widget import Widget

from tui import formats, messages
from tui.bindings import Action, key_name
from tui.client import Status, WorkerClient
from tui.modes import MODES, Mode

NAME = " digits-tui  "
FACTS = 30
"""Columns for the device and the data set, before which the name gives way."""


class Header(Widget):
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Header {
        dock: top;
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """

    def __init__(self, client: WorkerClient, mode: str, actions: Sequence[Action]) -> None:
        super().__init__()
        self._client = client
        self._mode = mode
        self._modes = tuple((mode, action) for mode in MODES for action in actions if action.id == mode.action)

    def on_mount(self) -> None:
        self._client.subscribe(self)

    def on_unmount(self) -> None:
        self._client.unsubscribe(self)

    def on_worker_changed(self, message: messages.WorkerChanged) -> None:
        self.refresh()

    async def on_click(self, event: Click) -> None:
        begin = len(self._program)
        for _, action in self._modes:
            end = begin + len(_label(action))
            if begin <= event.x < end:
                await self.run_action(f"app.{action.method}")
            begin = end

    @property
    def _program(self) -> str:
        tabs = sum(len(_label(action)) for _, action in self._modes)
        return NAME if len(NAME) + tabs + FACTS <= self.size.width else ""

    def render(self) -> Content:
        left = Content.assemble((self._program, "bold $text-accent"), *(self._tab(mode, action) for mode, action in self._modes))
        room = self.size.width - left.cell_length - 1
        right = self._facts(room)
        return Content.assemble(left, " " * max(0, room - right.cell_length), right, " ")

    def _tab(self, mode: Mode, action: Action) -> Content:
        style = "bold $primary-ink on $primary" if mode.name == self._mode else "$foreground"
        return Content.styled(_label(action), style)

    def _facts(self, room: int) -> Content:
        client = self._client
        if client.ready is None:
            style = "$text-error" if client.status in (Status.FAILED, Status.LOST) else "$text-warning"
            status = f"reconnects in {client.reconnecting.seconds_left} s" if client.reconnecting else client.status.value
            return Content.styled(status[: max(0, room)], style)
        device, dataset = formats.device(client.ready.device), str(client.ready.dataset["name"])
        space = room - len(dataset) - 3
        if len(device) > space:
            device = device[: max(0, space - 1)] + "…"
        return Content.assemble((device, "$text-success"), (" · ", "$foreground-muted"), (dataset, "$foreground"))


def _label(action: Action) -> str:
    return f" {key_name(action.keys)} {action.title} "
