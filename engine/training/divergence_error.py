"""The error that training ends with when its numbers explode."""

from __future__ import annotations


class DivergenceError(ArithmeticError):
    """Training left the finite numbers: ``message`` says where, ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
