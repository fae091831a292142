"""How much one submit may hold: a driver that waits for it too long takes the device for hung, and a desktop stands still meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from engine.backend import DeviceKind
from engine.network import Network

LONGEST_SUBMIT = 0.5
"""Seconds."""
SLOWEST: Mapping[DeviceKind, float] = {"discrete": 1e12, "integrated": 2e11, "software": 2e10, "cpu": 2e10}
"""Operations a second of a slow device of each kind with kernels of matrix products."""


def operations(network: Network, samples: int) -> float:
    """Floating-point operations of one training step over ``samples`` samples: three matrix products a layer, for outputs, deltas and
    gradients, of two operations a weight and sample each.
    """
    return 6.0 * samples * sum(layer.inputs * layer.outputs for layer in network.layers)


def steps_in_budget(kind: DeviceKind, network: Network, samples: int) -> int:
    """How many training steps one submit may hold; none where a step has to be cut into its dispatches."""
    return int(LONGEST_SUBMIT * SLOWEST[kind] / max(1.0, operations(network, samples)))
