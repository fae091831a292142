"""The loss that training minimises, and its derivative, in NumPy. ``shaders/sample_loss.wgsl`` is its twin. Targets may be smoothed.

cross_entropy: minus the sum of target times log softmax(output), whose derivative by the outputs is softmax(output) - target.
squared_error: half the squared error, summed over the outputs, whose derivative is output - target.
"""

from __future__ import annotations

import numpy as np

from engine.backends.cpu.workspace import Batch, Workspace
from engine.hyperparameters.choices import Loss
from engine.network import Floats


def total_loss(outputs: Floats, targets: Floats, loss: Loss) -> float:
    """The sum over the samples of their losses, for raw ``outputs`` and ``targets`` [n, classes]."""
    if loss is Loss.SQUARED_ERROR:
        return 0.5 * float(np.square(outputs - targets).sum(dtype=np.float64))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    log_totals = np.log(np.exp(shifted).sum(axis=1))
    return float(log_totals.sum(dtype=np.float64)) - float((shifted * targets).sum(dtype=np.float64))


def loss_gradient(workspace: Workspace, batch: Batch, loss: Loss) -> None:
    """Fills ``workspace.delta`` with the derivative of the batch's mean loss by its raw outputs."""
    outputs, delta = batch.outputs, workspace.delta
    if loss is Loss.CROSS_ENTROPY:
        np.maximum.reduce(outputs, axis=1, keepdims=True, out=workspace.peaks)
        np.subtract(outputs, workspace.peaks, out=delta)
        np.exp(delta, out=delta)
        np.dot(delta, workspace.ones, out=workspace.totals)  # each row's sum in each of its columns
        np.divide(delta, workspace.totals, out=delta)
        np.subtract(delta, batch.targets, out=delta)
    else:
        np.subtract(outputs, batch.targets, out=delta)
    np.multiply(delta, workspace.share, out=delta)
