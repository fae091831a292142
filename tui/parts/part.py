"""What the parts of the app share: the worker, the keys in force, and a word where the worker has no time."""

from __future__ import annotations

from textual.app import App

from tui.client import WorkerClient
from tui.keymap import key_in_force
from tui.options import Options


class Part(App[None]):
    def __init__(self, options: Options) -> None:
        super().__init__()
        self.client = WorkerClient(options)
        self._keys = options.settings.keys

    def key(self, action_id: str) -> str:
        """The key of an action, as texts name it."""
        return key_in_force(self._keys, action_id)

    def is_kept_by_run(self, what: str) -> bool:
        """Says so where a run keeps the worker, so that ``what`` has to wait."""
        if self.client.is_training:
            advice = f"let it finish, or stop it in Train ({self.key('train.stop')}), before you {what}"
            self.notify(f"A network is being trained: {advice}.", severity="warning", markup=False)
        return self.client.is_training

    def tell_of_no_worker(self) -> None:
        self.notify(f"There is no worker: press {self.key('worker.restart')} to start it again.", severity="warning", markup=False)
