"""What a step does once it has its gradient: elastic net, optimiser, max-norm, averaging."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from engine.backend import TrainingState
from engine.backends.cpu.elastic_net import ElasticNetPenalty
from engine.backends.cpu.max_norm import NormLimiter
from engine.backends.cpu.optimizers import update_for
from engine.backends.cpu.threads import Threads
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Floats, Network
from engine.steps import Step

FLOATS_A_PART = 1 << 15
"""Parameters whose optimiser state stays in the cache from one pass over it to the next."""


@dataclass(slots=True)
class _Part:
    """Some of the parameters, and what belongs to them: views."""

    where: slice
    parameters: Floats
    gradients: list[Floats]
    """One of each thread."""
    first: Floats
    second: Floats
    scratch: Floats


class ParameterUpdate:
    """Changes ``state`` in place by the sum of the ``gradients``, which it spoils."""

    def __init__(
        self, network: Network, hyperparameters: Hyperparameters, state: TrainingState, gradients: list[Floats], threads: Threads
    ) -> None:
        self._state, self._threads = state, threads
        self._scratch = np.empty(network.size, np.float32)
        self._penalty = ElasticNetPenalty(network)
        self._optimize = update_for(hyperparameters.optimizer)
        self._limiter = NormLimiter(network, state.parameters, self._scratch)
        self._shares = [
            [self._part(start, slice(begin, min(begin + FLOATS_A_PART, end)), gradients) for begin in range(start, end, FLOATS_A_PART)]
            for start, end in _shares(network.size, threads.size)
        ]

    def _part(self, share: int, where: slice, gradients: list[Floats]) -> _Part:
        """The parts of a share, which begins at ``share``, have their scratch space in common."""
        state, scratch = self._state, self._scratch[share : share + where.stop - where.start]
        buffers = (state.first_moment[where], state.second_moment[where], scratch)
        return _Part(where, state.parameters[where], [each[where] for each in gradients], *buffers)

    def set_elastic_net(self, step: Step) -> None:
        """Takes the step's factors for all that come, until the next call."""
        self._penalty.set_factors(step)

    def apply(self, step: Step, threads: int) -> None:
        """Takes the gradients of the first ``threads`` threads."""
        self._threads.share(lambda share: self._change(share, step, threads), self._shares)
        if step.max_norm:
            self._limiter.limit(step.max_norm)
        if self._state.average is not None:
            self._average(self._state.average, step.average_decay)

    def _change(self, share: list[_Part], step: Step, threads: int) -> None:
        for part in share:
            gradient, *others = part.gradients[:threads]
            for other in others:
                np.add(gradient, other, out=gradient)
            self._penalty.add_gradient(part.where, part.parameters, gradient, part.scratch)
            self._optimize(part.parameters, gradient, part.first, part.second, part.scratch, step)

    def _average(self, average: Floats, decay: float) -> None:
        average *= decay
        np.multiply(self._state.parameters, 1 - decay, out=self._scratch)
        average += self._scratch


def _shares(size: int, count: int) -> list[tuple[int, int]]:
    """``size`` floats in ``count`` runs of whole parts, of about the same length; fewer where there are not enough."""
    parts = -(-size // FLOATS_A_PART)
    ends = [min(size, round(parts * index / count) * FLOATS_A_PART) for index in range(count + 1)]
    return [(start, end) for start, end in itertools.pairwise(ends) if end > start]
