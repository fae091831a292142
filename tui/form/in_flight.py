"""What the run in hand is told of the form while it is trained. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.hyperparameters.table import HYPERPARAMETERS
from tui.client import WorkerClient
from tui.form.draft import Draft
from tui.runs.view import RunView

LIVE = tuple(leaf.key for leaf in HYPERPARAMETERS.values() if leaf.live)


class InFlight:
    """A live hyperparameter is told when that is asked for; what was told is taken back where the form takes it back."""

    def __init__(self, client: WorkerClient, draft: Draft) -> None:
        self._client = client
        self._draft = draft

    @property
    def run(self) -> RunView | None:
        """The run in hand while it is trained."""
        run = self._client.run
        return run if run is not None and run.is_learning else None

    def untold(self) -> frozenset[str]:
        """Live hyperparameters that are right in the form, and of which the run has another value."""
        run = self.run
        if run is None:
            return frozenset()
        return frozenset(key for key in LIVE if key not in self._draft.problems and self._draft.entry(key) != run.wanted(key))

    def tell(self, key: str) -> bool:
        """Gives the run the form's value; False where there is nothing to tell."""
        if key not in self.untold():
            return False
        self._client.change(key, float(self._draft.entry(key)))
        return True

    def values(self) -> dict[str, Any]:
        """The form's values of live hyperparameters."""
        return {key: self._draft.entry(key) for key in LIVE}

    def follow(self, before: Mapping[str, Any]) -> None:
        """After an undone or redone change: gives the run back what it had, where until now it had the form's value."""
        run = self.run
        if run is None:
            return
        for key in self.untold():
            if before[key] == run.wanted(key) and run.has_had(key, self._draft.entry(key)):
                self.tell(key)
