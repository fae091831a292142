"""Neurons that answer to none of the digits shown to a network."""

from __future__ import annotations

import numpy as np

from engine.insight.backpropagation import Passage

ALIVE = 1e-3
"""The share of its layer's largest activation that a neuron has to exceed for some digit, above or below zero."""


def count_dead(passage: Passage) -> int:
    """How many neurons of a hidden layer are dead for the digits that passed it."""
    strongest = np.abs(passage.activated).max(axis=0)
    return int((strongest <= ALIVE * strongest.max()).sum())
