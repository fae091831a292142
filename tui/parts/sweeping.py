"""What the dashboard does about a sweep whatever is on screen: it is told of its end, and it does not leave without a word."""

from __future__ import annotations

from textual import work

from tui import formats, messages
from tui.item import Item
from tui.options import Options
from tui.parts.part import Part
from tui.screens.notice import Notice
from tui.screens.picker import Picker
from tui.sweep.client import SweepClient

GO_ON = Item("go on", "go on with it")


class Sweeping(Part):
    """The part of the app that owns the sweep."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.sweeps = SweepClient(options)

    def on_sweep_changed(self) -> None:
        """Says that a sweep is over to who does not see it."""
        sweep = self.sweeps.sweep
        if sweep is None or not sweep.is_over or self.current_mode == "sweep" or sweep.finished is None or self.sweeps.request is None:
            return
        winner, key = sweep.finished.winner, self.key("view.show_sweep")
        if winner is not None:
            accuracy = formats.spread(winner["test_mean"], winner["test_deviation"])
            text = f"Trial {winner['trial']} has won, with a test accuracy of {accuracy}. {key} shows it."
            self.notify(text, title=f"The sweep {sweep.name} is finished", markup=False)

    def on_sweep_failed(self, message: messages.SweepFailed) -> None:
        self._offer_to_go_on("The sweep has failed", message.failure.message, message.failure.advice, "")

    def on_sweep_lost(self, message: messages.SweepLost) -> None:
        advice = f"Finished trials are kept. The log: {message.log}"
        self._offer_to_go_on("The sweep's process is gone", message.explanation, advice, message.tail)

    @work
    async def _offer_to_go_on(self, title: str, text: str, advice: str, detail: str) -> None:
        """Tells how a sweep came to its end, and goes on with it if that is wanted, where it had begun."""
        sweep, request = self.sweeps.sweep, self.sweeps.request
        resumable = sweep is not None and sweep.started is not None and request is not None
        choice = await self.push_screen_wait(Notice(title, text, advice, detail, (GO_ON,) if resumable else ()))
        if choice == GO_ON.value and sweep is not None and request is not None and not self.sweeps.is_busy:
            from tui.sweep.choices import going_on

            self.run_worker(self.sweeps.run(going_on(request, sweep.name)), group="sweep")

    @work
    async def ask_before_leaving_sweep(self) -> None:
        """Leaves, if that is wanted."""
        items = [
            Item("leave", "Stop it and leave", "Finished trials are kept; you can open it by its name and go on with it."),
            Item("cancel", "Go on searching"),
        ]
        if await self.push_screen_wait(Picker("A sweep is going on", items)) == "leave":
            self.exit()
