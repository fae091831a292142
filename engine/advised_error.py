"""The errors that people read."""

from __future__ import annotations


class AdvisedError(Exception):
    """``message`` says what is wrong, ``advice`` what to do, a sentence each."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
