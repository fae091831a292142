"""A dialogue that brings a data set: how far it is, and what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui import formats
from tui.fetch import Fetch
from tui.screens.dialogue import Dialogue
from tui.widgets.bars import track
from tui.widgets.key_hints import key_hints

if TYPE_CHECKING:
    from dataset.catalogue import Registered

FRAMES_A_SECOND = 10
BAR = 40
MEGABYTE = 1e6
CANCEL = key_hints(("Esc", "cancel; what has come is kept"))
AGAIN = key_hints(("r", "try again"), ("Esc", "close"))


class FetchingScreen(Dialogue[bool]):
    """Gives whether the data set is here."""

    BINDINGS = [Binding("escape", "leave", "Cancel", show=False), Binding("r", "try_again", "Try again", show=False)]

    def __init__(self, entry: Registered) -> None:
        super().__init__()
        self._entry = entry
        self._fetch = Fetch(entry)
        """The try that is shown."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue") as box:
            box.border_title = f"Fetching {self._entry.name}"
            yield Static(self._entry.summary, classes="message", markup=False)
            yield Static(id="state", classes="advice")
            yield Static(id="note", classes="detail", markup=False)
            yield Static(id="hint", classes="hint")

    def on_mount(self) -> None:
        self._fetch.begin()
        self._show()
        self.set_interval(1 / FRAMES_A_SECOND, self._show)

    def action_try_again(self) -> None:
        if self._fetch.failure is not None:
            self._fetch = Fetch(self._entry)
            self._fetch.begin()
            self._show()

    def action_leave(self) -> None:
        self._fetch.cancel()
        self.dismiss(False)

    def _show(self) -> None:
        fetch = self._fetch
        if fetch.is_over and fetch.failure is None:
            if self.is_current:  # the timer may tick once more before the dialogue is gone
                self.dismiss(True)
            return
        self.query_one("#state", Static).update(_failure(fetch) if fetch.failure else self._progress())
        note = self.query_one("#note", Static)
        note.update(fetch.note_shown)
        note.display = bool(fetch.note_shown) and fetch.failure is None
        self.query_one("#hint", Static).update(AGAIN if fetch.failure else CANCEL)

    def _progress(self) -> Content:
        fetch = self._fetch
        if not fetch.file:
            return Content(f"About {self._entry.megabytes} MB. Connecting …\n")
        if not fetch.total:
            return Content(f"{fetch.file}\n{fetch.done / MEGABYTE:.1f} MB")
        fraction = min(1.0, fetch.done / fetch.total)
        return Content.assemble(
            f"{fetch.file}\n",
            track(fraction, BAR),
            (f"{formats.done(fraction):>5}", "bold"),
            (f"  {fetch.done / MEGABYTE:.1f} of {fetch.total / MEGABYTE:.1f} MB", "$foreground-muted"),
        )


def _failure(fetch: Fetch) -> Content:
    assert fetch.failure is not None
    return Content.assemble((f"{fetch.failure.message}.", "$text-error"), "\n\n", fetch.failure.advice)
