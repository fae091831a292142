"""One batch through the network and back: from its inputs to the gradient of the loss, in place over a workspace."""

from __future__ import annotations

import numpy as np

from engine.backends.workspace import Batch, Workspace
from engine.hyperparameters import Loss


def forward(workspace: Workspace, batch: Batch, dropout: bool) -> None:
    """Fills the batch's outputs."""
    for weights, hidden, values, mask in zip(workspace.weights, workspace.hidden, batch.values, batch.masks, strict=False):
        np.dot(values, weights.block, out=hidden.sums)
        if hidden.norm is not None:
            hidden.norm.forward(hidden.sums, hidden.shifted)
        hidden.activate(hidden.shifted, hidden.activated, hidden.slope)
        if dropout:
            np.multiply(hidden.activated, mask, out=hidden.activated)
            np.multiply(hidden.slope, mask, out=hidden.slope)
        np.copyto(hidden.following, hidden.activated)
    np.dot(batch.values[-1], workspace.weights[-1].block, out=batch.outputs)


def loss_gradient(workspace: Workspace, batch: Batch, loss: Loss) -> None:
    """Fills ``workspace.delta`` with the derivative of the mean loss by the outputs."""
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


def backward(workspace: Workspace, batch: Batch) -> None:
    """Fills the gradient, from ``workspace.delta`` back to the inputs."""
    delta = workspace.delta
    for index in range(len(workspace.hidden), 0, -1):
        weights, hidden = workspace.weights[index], workspace.hidden[index - 1]
        weights.product(batch.transposed[index], delta, out=weights.gradient)
        np.dot(delta, weights.transposed, out=hidden.delta)
        delta = hidden.delta
        np.multiply(delta, hidden.slope, out=delta)
        if hidden.norm is not None:
            hidden.norm.backward(delta, hidden.sums)
    weights = workspace.weights[0]
    weights.product(batch.transposed[0], delta, out=weights.gradient)
