"""One thread's share of every batch: some of its samples, taken from their pixels to their gradient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.backend import Tally
from engine.backends.cpu import passes
from engine.backends.cpu.augmentation import Augmenter
from engine.backends.cpu.loss import loss_gradient, total_loss
from engine.backends.cpu.preparation import BatchPreparation
from engine.backends.cpu.workspace import Workspace
from engine.network import Floats, Network
from engine.steps import Step

FLOATS_A_CHUNK = 400_000
"""Input values prepared at once: enough to spread NumPy's cost a call over several batches, few enough for the cache."""
MOST_STEPS_A_CHUNK = 64


def steps_at_once(batch_size: int, network: Network) -> int:
    """How many steps a share prepares at once: a chunk."""
    return max(1, min(MOST_STEPS_A_CHUNK, FLOATS_A_CHUNK // (batch_size * network.inputs)))


class BatchShare:
    """Takes the samples ``rows`` of each batch of ``batch_size`` through the network and back.

    ``parameters`` are read and ``gradient`` is written: flat buffers in the network's layout, [network.size]. The gradients of all shares
    add up to that of the batch's mean loss. ``images`` are all training images: [count, inputs].
    """

    def __init__(
        self,
        rows: range,
        batch_size: int,
        network: Network,
        parameters: Floats,
        gradient: Floats,
        images: npt.NDArray[np.uint8],
        augmenter: Augmenter | None,
    ) -> None:
        self._rows, self._loss = rows, network.loss
        self._workspace = Workspace(len(rows), batch_size, steps_at_once(batch_size, network), network, parameters, gradient)
        self._preparation = BatchPreparation(self._workspace, rows.start, network, images, augmenter)

    def begin(self, steps: list[Step], chosen: npt.NDArray[np.uint32], labels: npt.NDArray[np.uint8]) -> None:
        """Prepares a chunk. ``chosen`` are the indices of its batches' training images, ``labels`` the labels of those: [steps, batch_size]
        each.
        """
        rows = slice(self._rows.start, self._rows.stop)
        self._labels = labels[:, rows].ravel()
        self._preparation.prepare(steps, chosen[:, rows].ravel(), self._labels)

    def pass_through(self, number: int, step: Step) -> None:
        """Forward and back with the chunk's batch ``number``; leaves its gradient."""
        workspace, batch = self._workspace, self._workspace.batches[number]
        passes.forward(workspace, batch, bool(step.hidden_threshold))
        loss_gradient(workspace, batch, self._loss)
        passes.backward(workspace, batch)

    def tally(self) -> Tally:
        """Loss and hits over this share's samples of the chunk; the loss is that against smoothed targets where labels are smoothed."""
        labels = self._labels
        outputs, targets = self._workspace.outputs[: len(labels)], self._workspace.targets[: len(labels)]
        correct = int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        return Tally(total_loss(outputs, targets, self._loss), correct, len(labels))
