"""The top line: the program's name, the modes, the run in hand, the device and the data set."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.widget import Widget

from tui import formats, messages
from tui.bindings import Action, key_name
from tui.client import Status, WorkerClient
from tui.modes import MODES, Mode
from tui.runs.view import RunPhase
from tui.wording import in_one_line

NAME = " digits-tui  "
FACTS = 30
"""Columns for the device and the data set, before which the name gives way."""
GAP = "  "
"""Between the run, what it is about, and the device."""
LEAST_DEVICE = 10
"""Columns of a device's name, before which that of the run gives way."""
LEAST_WORDS = 6
"""Columns below which words that are cut say nothing any more."""
PACE = 1.0
"""Seconds between two looks at how far the run is."""


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
        self._shown = ("", "")
        """The run's name, and what it is about."""
        self._modes = tuple((mode, action) for mode in MODES for action in actions if action.id == mode.action)

    def on_mount(self) -> None:
        self._client.subscribe(self)
        self.set_interval(PACE, self._look)

    def on_unmount(self) -> None:
        self._client.unsubscribe(self)

    def on_worker_changed(self, message: messages.WorkerChanged) -> None:
        self.refresh()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        self._look()

    def _look(self) -> None:
        shown = (self._run_name, self._occupation)
        if shown != self._shown:
            self._shown = shown
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
            return _cut(Content.styled(status, style), room)
        device, dataset = formats.device(client.ready.device), str(client.ready.dataset["name"])
        name, occupation = self._run_facts()
        least = min(len(device), LEAST_DEVICE) + len(f" · {dataset}")
        left = _led_in(name, occupation)
        if left.cell_length + least > room:
            left = _led_in(occupation)
        if occupation and left.cell_length + least > room:
            both = Content.assemble(left, (dataset, "$foreground"))
            return both if both.cell_length <= room else _cut(occupation, room)
        space = room - left.cell_length - len(dataset) - 3
        if space < min(len(device), LEAST_DEVICE):
            return _cut(Content.styled(dataset, "$foreground"), room)
        if len(device) > space:
            device = device[: space - 1] + "…"
        return Content.assemble(left, (device, "$text-success"), (" · ", "$foreground-muted"), (dataset, "$foreground"))

    def _run_facts(self) -> tuple[Content, Content]:
        """The name of the run in hand, and what it is about."""
        run = self._client.run
        colour = "$text-primary" if run is not None and run.phase is RunPhase.TRAINING else "$text-warning"
        return Content.styled(self._run_name, "$foreground"), Content.styled(self._occupation, colour)

    @property
    def _run_name(self) -> str:
        """Nothing in Train, which tells of the run itself."""
        run = self._client.run
        return in_one_line(run.name) if run is not None and self._mode != "train" else ""

    @property
    def _occupation(self) -> str:
        """Such as ``training 46%``, until the run is over."""
        run, progress = self._client.run, self._client.progress
        if run is None or run.is_over or self._mode == "train":
            return ""
        share = f" {formats.done(formats.run_share(progress))}" if progress is not None else ""
        return run.phase.value.partition(" ")[0] + share


def _label(action: Action) -> str:
    return f" {key_name(action.keys)} {action.title} "


def _cut(words: Content, room: int) -> Content:
    """With an ellipsis where they are too long; nothing where hardly a letter would be left."""
    return words.truncate(room, ellipsis=True) if room >= LEAST_WORDS else Content()


def _led_in(*parts: Content) -> Content:
    """What stands before the device, with gaps."""
    return Content.assemble(*(Content.assemble(part, GAP) for part in parts if part))
