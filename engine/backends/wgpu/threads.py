"""How many threads a software driver gets. Threads of its own share a dispatch's workgroups, but take 40 microseconds to begin one.

Without them, the thread that submits does the work, and begins a dispatch in 4.
"""

from __future__ import annotations

import os

from engine.backends.wgpu.budget import operations
from engine.backends.wgpu.instances import ALONE, THREADS
from engine.network import Network
from engine.process import training_processors

OPERATIONS_A_SECOND, PARAMETERS_A_SECOND = 2e10, 1.5e8
"""What one processor does: of the products, and of the optimiser's steps."""
LONG_STEP = 1e-3
"""Seconds of one processor from which on a training step gains by threads."""


def threads_for(network: Network, batch_size: int) -> int:
    """The threads that suit a training step of the network; ALONE for none."""
    seconds = operations(network, batch_size) / OPERATIONS_A_SECOND + network.size / PARAMETERS_A_SECOND
    count = training_processors()
    return count if count > 1 and seconds > LONG_STEP and THREADS not in os.environ else ALONE
