"""What the plans are called of which one can be asked for. It imports nothing, so that another is refused before anything is waited for."""

from __future__ import annotations

NUMPY, LAYERED, RESIDENT = "numpy", "layered", "resident"
PLANS = (NUMPY, LAYERED, RESIDENT)
