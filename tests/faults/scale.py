"""How often a fault is tried: a few times with every run of the tests, or as often as is thorough: ``make faults``."""

from __future__ import annotations

import os
from typing import TypeVar

FULL = os.environ.get("DIGITS_TUI_FAULTS") == "full"
Amount = TypeVar("Amount")


def scaled(short: Amount, full: Amount) -> Amount:
    """The amount for the form that is running."""
    return full if FULL else short
