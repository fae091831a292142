"""A class among those that a network takes a digit for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ranked:
    """One class: its name, its probability, and whether it is the right one. ``output`` is shown where it is given; ``before`` is the
    probability that it has in the other epoch, which is compared.
    """

    name: str
    probability: float
    is_target: bool | None
    """None where nobody knows which is."""
    output: float | None = None
    before: float | None = None
