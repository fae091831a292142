"""One thread's part of every batch: some of its samples, from their pixels to their gradient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.backend import Metrics
from engine.backends import passes
from engine.backends.augmentation import Augmenter
from engine.backends.drawing import Drawing
from engine.backends.workspace import Workspace
from engine.hyperparameters import Loss
from engine.network import Floats, Network
from engine.steps import Step

FLOATS_A_CHUNK = 400_000
"""Input values prepared at once: enough to spread NumPy's cost a call over several batches, few enough for the cache."""
MOST_STEPS_A_CHUNK = 64


def steps_at_once(batch_size: int, network: Network) -> int:
    """Steps a chunk."""
    return max(1, min(MOST_STEPS_A_CHUNK, FLOATS_A_CHUNK // (batch_size * network.inputs)))


class Lane:
    """The samples ``rows`` of batches of ``batch_size``; their gradient is left in ``gradient``."""

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
        self._drawing = Drawing(self._workspace, rows.start, network, images, augmenter)

    def begin(self, steps: list[Step], chosen: npt.NDArray[np.uint32], labels: npt.NDArray[np.uint8]) -> None:
        """Draws what a chunk needs. ``chosen`` are the samples of its batches, ``labels`` theirs: [steps, batch_size]."""
        rows = slice(self._rows.start, self._rows.stop)
        self._labels = labels[:, rows].ravel()
        self._drawing.draw(steps, chosen[:, rows].ravel(), self._labels)

    def pass_through(self, number: int, step: Step) -> None:
        """There and back with the chunk's batch ``number``."""
        workspace, batch = self._workspace, self._workspace.batches[number]
        passes.forward(workspace, batch, bool(step.hidden_threshold))
        passes.loss_gradient(workspace, batch, self._loss)
        passes.backward(workspace, batch)

    def metrics(self) -> Metrics:
        """Of the chunk, against targets that may be smoothed."""
        labels = self._labels
        outputs, targets = self._workspace.outputs[: len(labels)], self._workspace.targets[: len(labels)]
        correct = int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        return Metrics(_total_loss(outputs, targets, self._loss), correct, len(labels))


def _total_loss(outputs: Floats, targets: Floats, loss: Loss) -> float:
    if loss is Loss.SQUARED_ERROR:
        return 0.5 * float(np.square(outputs - targets).sum(dtype=np.float64))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    log_totals = np.log(np.exp(shifted).sum(axis=1))
    return float(log_totals.sum(dtype=np.float64)) - float((shifted * targets).sum(dtype=np.float64))
