"""One batch through the network and back, in place over a workspace: the forward pass, and back-propagation.

With W and b a layer's weights and biases, f its activation, and * element by element, the forward pass is

    sums = inputs @ W + b        outputs = f(sums) * mask

where the mask is dropout's. Back-propagation (Rumelhart, Hinton and Williams, 1986) goes from the last layer to the first. A layer's delta
is the derivative of the loss by its sums. That of the last layer comes from ``loss.py``, each other one from the layer after it:

    delta = (next delta @ next W.T) * f'(sums) * mask
    gradient of W = inputs.T @ delta        gradient of b = delta, summed over the samples

Inputs have a last column of ones, and W a last row that is b, so that one product serves both. Layer normalisation, where there is any,
comes between sums and activation: ``layer_norm.py``.
"""

from __future__ import annotations

import numpy as np

from engine.backends.cpu.workspace import Batch, Workspace


def forward(workspace: Workspace, batch: Batch, dropout: bool) -> None:
    """Fills ``batch.outputs``, and what the way back needs of each hidden layer: its slope, and what the next layer reads."""
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


def backward(workspace: Workspace, batch: Batch) -> None:
    """Fills the gradient of every layer, from ``workspace.delta``, the last layer's, back to the first layer's."""
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
