"""What the dashboard does about a worker that is at work and says nothing: a person decides whether to wait on."""

from __future__ import annotations

from textual import work

from tui.client import Status
from tui.item import Item
from tui.parts.part import Part
from tui.processes import silence
from tui.runs.view import RunPhase
from tui.screens.notice import Notice

ADVICE = (
    "It may have much to do, or hang. Esc waits on; once it is ended, another can be started, and a run goes on from its last checkpoint."
)


class Waiting(Part):
    """The part of the app that waits for the worker."""

    def on_worker_silent(self) -> None:
        """Nothing is expected of a worker that has nothing to do."""
        run, status = self.client.run, self.client.status
        if status in (Status.STARTING, Status.LOADING):
            self._offer_to_end_worker(status)
        elif status is Status.READY and run is not None and not run.is_over and run.phase is not RunPhase.PAUSED:
            self._offer_to_end_worker(run.phase)

    @work
    async def _offer_to_end_worker(self, occupation: str) -> None:
        text = f"It has said nothing for {silence.PATIENCE:.0f} seconds ({occupation})."
        notice = Notice("The worker is silent", text, ADVICE, self.client.log.tail(), (Item("end", "end it"),))
        if await self.push_screen_wait(notice):
            self.client.end_worker()
