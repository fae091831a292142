"""What the dashboard does about a worker that is gone: it tells, and tries to reach it again, or offers to start another."""

from __future__ import annotations

from textual import work

from tui import messages
from tui.client import Status
from tui.item import Item
from tui.parts.part import Part
from tui.screens.notice import Notice


class Connecting(Part):
    """The part of the app that gets the worker back."""

    def on_connection_broke(self, message: messages.ConnectionBroke) -> None:
        run = " The run then goes on by itself, from its last checkpoint." if self.client.is_training else ""
        at_once, give_up = (self.key(action) for action in ("worker.restart", "worker.give_up"))
        text = f"Trying to reach it again.{run} {at_once} tries at once, {give_up} gives up."
        self.notify(text, title=message.explanation, severity="warning", timeout=12, markup=False)

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        if message.again:
            self.notify("The worker can be reached again.")

    def on_worker_lost(self, message: messages.WorkerLost) -> None:
        self._offer_restart(message)

    @work
    async def _offer_restart(self, loss: messages.WorkerLost) -> None:
        """Tells how the worker was lost, and starts another if that is wanted."""
        run = loss.interrupted
        resumable = run is not None and run.directory is not None
        choices = (Item("restart", "start it again"), *((Item("go on", "start it and go on with the run"),) if resumable else ()))
        advice = f"The dashboard goes on without it. Its log: {loss.log}"
        choice = await self.push_screen_wait(Notice("The worker is gone", loss.explanation, advice, loss.tail, choices))
        if choice and self.client.status is Status.LOST:
            self.run_worker(self.client.live(), group="client")
        if choice == "go on" and run is not None:
            self.client.train(run.hyperparameters, run.preset, resume=run)

    def action_restart(self) -> None:
        if self.client.reconnecting is not None:
            self.client.reconnecting.skip()
        elif self.client.status is Status.LOST and self.client.loss is not None:
            self._offer_restart(self.client.loss)
        else:
            self.notify("The worker is running.")

    def action_give_up(self) -> None:
        if self.client.reconnecting is not None:
            self.client.reconnecting.give_up()
        else:
            self.notify("Nothing is being tried again: the connection to the worker is not broken.", markup=False)
