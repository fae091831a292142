"""The top line: the program's name, the modes, the device and the data set."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui import formats, messages
from tui.bindings import ACTIONS, key_name
from tui.client import Status, WorkerClient

MODES = tuple(action for action in ACTIONS if action.method.startswith("show_"))


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

    def __init__(self, client: WorkerClient, mode: str) -> None:
        super().__init__()
        self._client = client
        self._mode = mode

    def on_mount(self) -> None:
        self._client.subscribe(self)

    def on_unmount(self) -> None:
        self._client.unsubscribe(self)

    def on_worker_changed(self, message: messages.WorkerChanged) -> None:
        self.refresh()

    def render(self) -> Content:
        left = Content.assemble(
            (" digits-tui ", "bold $accent"), " ", *(self._tab(action.method, key_name(action.keys), action.title) for action in MODES)
        )
        room = self.size.width - left.cell_length - 1
        right = self._facts(room)
        return Content.assemble(left, " " * max(0, room - right.cell_length), right, " ")

    def _tab(self, method: str, key: str, title: str) -> Content:
        shown = method == f"show_{self._mode}"
        style = "bold $background on $primary" if shown else "$foreground"
        hint = "bold $background on $primary" if shown else "$foreground-muted"
        return Content.assemble((f" {key} ", hint), (f"{title} ", style)).stylize_before(f"@click=app.{method}")

    def _facts(self, room: int) -> Content:
        client = self._client
        if client.ready is None:
            style = "$text-error" if client.status in (Status.FAILED, Status.LOST) else "$text-warning"
            return Content.styled(client.status.value[: max(0, room)], style)
        device, dataset = formats.device(client.ready.device), str(client.ready.dataset["name"])
        space = room - len(dataset) - 3
        if len(device) > space:
            device = device[: max(0, space - 1)] + "…"
        return Content.assemble((device, "$text-success"), (" · ", "$foreground-muted"), (dataset, "$text-secondary"))
