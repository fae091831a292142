"""What all groups of hyperparameters share, and facts that a field carries beside its bounds and its help."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

LIVE: dict[str, Any] = {"live": True}
"""Of what may change while training."""


def search(space: str) -> dict[str, Any]:
    """What a sweep tries where a person names no other range or choices, as ``--vary`` writes it."""
    return {"search": space}


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
