"""Where an axis has its numbers, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

TOO_SMALL = 0.01
"""Numbers below are written with an exponent."""
LARGEST, SMALLEST = 1e300, 1e-290
"""What can be reckoned with, without a sum or a quotient beyond what a float can be."""
FEWEST_DIGITS = 3
"""Of a number with an exponent, as far as they are not zeros at its end."""
ALIKE = 1e-12
"""The relative difference up to which an axis cannot part two numbers."""
ROOM = 0.04
"""The share of an axis that lies beyond its lowest and its highest point."""


def bounded(value: float) -> float:
    return min(max(value, -LARGEST), LARGEST)


def limits(values: Sequence[float], least: float = -math.inf, most: float = math.inf) -> tuple[float, float]:
    """The least and the greatest of the values, bounded and kept apart, within what the values can be."""
    low, high = bounded(min(values)), bounded(max(values))
    if high - low <= max(abs(low), abs(high), SMALLEST) * ALIKE:
        margin = abs(low) * 0.05 or 0.5
        return max(low - margin, least), min(high + margin, most)
    return low, high


def spaced(low: float, high: float) -> tuple[float, float]:
    """The limits with a little room beyond."""
    room = (high - low) * ROOM
    return low - room, high + room


def nice_step(low: float, high: float, count: int) -> float:
    """1, 2 or 5 times a power of ten, so that about ``count`` multiples of it lie between ``low`` and ``high``."""
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def multiples(step: float, low: float, high: float) -> list[float]:
    """The multiples of ``step`` from ``low`` to ``high``."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def even(low: float, high: float, rows: int, count: int) -> tuple[float, float, float]:
    """The limits of an axis of ``rows`` rows that holds ``low`` and ``high``, and a round step whose multiples are equally many rows apart
    on it: as close to ``low`` and ``high`` as at most about ``count`` multiples, and at least two, let them be.
    """
    intervals = rows - 1
    most = max(1, rows // 2)
    fitting = [_fitted(low, high, intervals, apart) for apart in range(min(most, max(2, -(-intervals // count))), most + 1)]
    begin, unit, apart = min(fitting, key=lambda found: found[1])
    spare = math.floor((begin + intervals * unit - high) / unit / 2)
    if low >= 0:
        spare = min(spare, math.floor(begin / unit + 1e-9))
    begin -= max(0, spare) * unit
    return begin, begin + intervals * unit, apart * unit


def _fitted(low: float, high: float, intervals: int, apart: int) -> tuple[float, float, int]:
    """Where an axis begins, and what one of its rows stands for, if ``apart`` rows make a round step, the least that is enough."""
    step = nice_step(0, (high - low) / intervals * apart, 1)
    while True:
        unit = step / apart
        begin = math.floor(low / unit + 1e-9) * unit
        if begin + intervals * unit >= high - unit * 1e-9:
            return begin, unit, apart
        step = nice_step(0, step * 1.5, 1)


def decimals(step: float) -> int:
    """The decimals that tell multiples of ``step`` apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def logarithmic_ticks(low: float, high: float, count: int) -> list[float]:
    """At most about ``count`` round values whose decimal logarithms lie between ``low`` and ``high``; the ends where there are fewer
    than two.
    """
    powers = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in powers for factor in factors]
        inside = [value for value in values if low - 1e-9 <= math.log10(value) <= high + 1e-9]
        if len(inside) <= count:
            break
    if len(inside) > count:
        return inside[:: -(-len(inside) // count)]
    return inside if len(inside) > 1 else [10**low, 10**high]


def labels(values: Sequence[float], unit: str) -> list[str]:
    """The values as an axis writes them, told apart, such as ``98.5%`` or ``2e-3``."""
    if not values:
        return []
    steps = [later - earlier for earlier, later in pairwise(values) if later > earlier]
    if (largest := max(map(abs, values))) < TOO_SMALL:
        digits = max(FEWEST_DIGITS, decimals(min(steps)) - decimals(largest) + 1 if steps and largest else 0)
        return [scientific(value, digits) for value in values]
    if not steps:
        return [f"{value:g}{unit}" for value in values]
    digits = decimals(min(steps))
    return [f"{value:.{digits}f}{unit}" for value in values]


def scientific(value: float, digits: int) -> str:
    """With as many digits as are needed, ``digits`` at the most, such as ``1.5e-3``."""
    if not value:
        return "0"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
