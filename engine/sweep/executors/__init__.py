"""What can train trials: each module holds a class that implements ``engine.sweep.executor.Executor``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def notes(executor: str, varied: Iterable[str]) -> list[str]:
    """Sentences on what a person should know of an executor where these hyperparameters vary."""
    if executor != "population":
        return []
    from engine.jobs.population import OWN

    dividing = [key for key in varied if not key.startswith(tuple(OWN))]
    return [f"Only trials with the same {', '.join(dividing)} are trained together."] if dividing else []


def unfit(executor: str, device: Mapping[str, Any]) -> str:
    """Why an executor cannot train on a device, which is as ``Device.plain()``; empty where it can."""
    if executor == "population" and device["kind"] in ("cpu", "software"):
        return f"populations need a GPU; {device['name']} is none"
    return ""
