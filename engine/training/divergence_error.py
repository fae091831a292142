"""The error that training ends with when its numbers explode."""

from __future__ import annotations

from engine.advised_error import AdvisedError


class DivergenceError(AdvisedError, ArithmeticError):
    """Training left the finite numbers."""
