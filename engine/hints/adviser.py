"""Listens to a run's events and adds hints to them: each kind once, until it holds no longer, and again where it got much worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dataset import Dataset
from engine.events import Changed, EpochEnded, Event, Failed, Hint, HintEnded, Snapshot, Started
from engine.hints import rules
from engine.hints.advice import Advice, Situation
from engine.hyperparameters.configuration import from_plain, replace
from engine.hyperparameters.definitions import Hyperparameters
from engine.insight import backpropagation
from engine.insight.dead_units import count_dead
from engine.model import Model
from engine.model_file import load_model
from engine.storage.tensor_file import ModelFileError

MUCH_WORSE = 1.5
"""How many times as severe a hint that is repeated must be."""
SAMPLES = 256
"""Training digits that dead neurons are sought with."""


class Adviser:
    """The hints of one run, which begins with ``hyperparameters`` on ``dataset``."""

    def __init__(self, hyperparameters: Hyperparameters, dataset: Dataset) -> None:
        self._hyperparameters = hyperparameters
        self._dataset = dataset
        self._steps = 0
        self._epochs: list[EpochEnded] = []
        """The epochs of the network that is being trained now; of an ensemble, those of the newest member alone."""
        self._told: dict[str, float] = {}
        """The severity of each kind that was told of and holds."""
        self._looked_at = 0
        """The epoch that dead neurons were sought in last."""
        self._last_changed = 0
        """As in ``Situation``."""

    def with_hints(self, event: Event) -> list[Event]:
        """The event and the hints that it ends or gives rise to, in order: a failure comes last."""
        advice = self._advice(event)
        found = [*self._ended(self._refuted(event, advice)), *self._new(advice)]
        return [*found, event] if isinstance(event, Failed) else [event, *found]

    def _ended(self, kinds: Iterable[str]) -> Iterator[HintEnded]:
        for kind in kinds:
            if self._told.pop(kind, None) is not None:
                yield HintEnded(kind=kind)

    def _new(self, advice: Iterable[Advice | None]) -> Iterator[Event]:
        for item in advice:
            if item is not None and item.severity > MUCH_WORSE * self._told.get(item.kind, 0.0):
                yield from self._ended([item.kind])
                self._told[item.kind] = item.severity
                yield Hint(kind=item.kind, message=item.message, changes=dict(item.changes))

    def _advice(self, event: Event) -> list[Advice | None]:
        match event:
            case Started():
                self._hyperparameters, self._steps = from_plain(event.hyperparameters), event.steps
                return [rules.uniform_data(self._dataset), rules.batch_for_data(self._situation)]
            case Changed():
                self._hyperparameters = replace(self._hyperparameters, {event.key: event.value})
                self._last_changed = event.epoch if event.step else event.epoch - 1
            case EpochEnded():
                if self._epochs and self._epochs[-1].member != event.member:
                    self._epochs.clear()
                    self._looked_at = 0
                self._epochs.append(event)
                return [rule(self._situation) for rule in rules.RULES]
            case Snapshot() if self._looks_for_dead_units(event.epoch):
                self._looked_at = event.epoch
                return self._dead_units(event)
            case Failed(kind="divergence"):
                return [rules.divergence(self._situation)]
            case Failed(kind="device") if not self._steps and any(word in event.message for word in ("memory", "MiB")):
                return [rules.out_of_memory(self._hyperparameters)]
        return []

    def _refuted(self, event: Event, advice: Sequence[Advice | None]) -> list[str]:
        """The kinds of hints that hold no longer after an event, about which there is that advice."""
        match event:
            case Changed():
                return list(rules.REFUTATIONS)
            case EpochEnded():
                return [kind for kind, is_refuted in rules.REFUTATIONS.items() if kind in self._told and is_refuted(self._situation)]
            case Snapshot() if advice == [None]:
                return ["dead_units"]
        return []

    @property
    def _situation(self) -> Situation:
        return Situation(self._hyperparameters, self._epochs, len(self._dataset.classes), self._steps, self._last_changed)

    def _looks_for_dead_units(self, epoch: int) -> bool:
        """Ever more rarely, each time after twice as many epochs: looking costs a pass over some digits."""
        return (
            bool(self._epochs)
            and epoch >= 2 * self._looked_at
            and any(kind in rules.CAN_DIE for kind in self._hyperparameters.network.activations)
        )

    def _dead_units(self, snapshot: Snapshot) -> list[Advice | None]:
        try:
            model = load_model(Path(snapshot.path))
        except (ModelFileError, OSError):  # replaced or gone by now; training is worth more than a hint
            return []
        return [rules.dead_units(self._situation, dead_shares(model, self._dataset))]


def dead_shares(model: Model, dataset: Dataset) -> list[float]:
    """The share of each hidden layer's neurons that are dead for some training digits; 0 where the activation cannot die."""
    values = model.views[-1].seen(dataset.train.images[:SAMPLES]).astype(np.float32) / 255
    return [
        count_dead(passage) / passage.layer.outputs if passage.layer.activation in rules.CAN_DIE else 0.0
        for passage in backpropagation.forward(model.network, model.parameters, values)[:-1]
    ]
