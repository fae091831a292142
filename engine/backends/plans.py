"""A backend's plans by name."""

from __future__ import annotations

from typing import Any

from dataset import Dataset
from engine import network
from engine.backend import Backend, DeviceError
from engine.hyperparameters.definitions import Hyperparameters


def named_plan(name: str, backend: Backend, dataset: Dataset, hyperparameters: Hyperparameters) -> dict[str, Any]:
    """The plan of that name for a network. Raises DeviceError, with what there is, where the device cannot follow it."""
    plans = backend.plans(network.build(hyperparameters.network, dataset.inputs, len(dataset.classes)), hyperparameters)
    for plan in plans:
        if plan["name"] == name:
            return plan
    names = ", ".join(dict.fromkeys(plan["name"] for plan in plans))
    raise DeviceError(f"{backend.device.name} cannot train this network with the plan {name!r}.", f"It can with: {names}.")
