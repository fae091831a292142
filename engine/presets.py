"""Named hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dataset.spelling import did_you_mean
from engine.hyperparameters.configuration import HyperparameterError, from_plain
from engine.hyperparameters.definitions import Hyperparameters


@dataclass(frozen=True)
class Preset:
    name: str
    summary: str
    hyperparameters: Hyperparameters


_RECORD: dict[str, dict[str, Any]] = {
    "network": {"hidden": [2048, 2048, 2048], "activation": "gelu", "layer_norm": True},
    "regularization": {"dropout": {"hidden": 0.1}, "label_smoothing": 0.1},
    "optimizer": {"name": "adamw", "weight_decay": 0.02},
    "learning_rate": {"initial": 1e-3, "warmup": 10.0},
    "training": {"batch_size": 1024, "epochs": 400, "validation_split": 0.0, "averaging": 0.999},
    "early_stopping": {"mode": "off"},
    "augmentation": {
        "rotation": 10.0,
        "scale": 0.12,
        "shear": 0.1,
        "shift": 1.5,
        "elastic_alpha": 60.0,
        "elastic_sigma": 6.0,
        "fade": 0.25,
    },
}

_COMMITTEE: dict[str, dict[str, Any]] = {
    **_RECORD,
    "training": {**_RECORD["training"], "epochs": 600},
    "augmentation": {
        **_RECORD["augmentation"],
        "rotation": 20.0,
        "scale": 0.25,
        "shear": 0.3,
        "shift": 2.5,
        "elastic_alpha": 100.0,
    },
    "ensemble": {"members": 5},
}

_PRESETS = (
    Preset("default", "Two hidden layers; above 98% in a minute or two on a laptop CPU.", Hyperparameters()),
    Preset(
        "quick",
        "Seconds on a laptop CPU; about 98%.",
        from_plain(
            {
                "network": {"hidden": [128]},
                "regularization": {"dropout": {"hidden": 0.05}},
                "learning_rate": {"initial": 3e-3},
                "training": {"batch_size": 128, "epochs": 8},
            }
        ),
    ),
    Preset(
        "readme",
        "The tiny network (16, 16) of the Rust program this grew out of; about 95%.",
        from_plain(
            {
                "network": {"hidden": [16, 16]},
                "regularization": {"weights": {"l1": 1e-7, "l2": 1e-6}, "dropout": {"input": 0.002, "hidden": 0.005}, "max_norm": 8.0},
                "learning_rate": {
                    "initial": 0.01,
                    "decay": {"method": "exponential", "rate": 0.9, "interval": 2},
                    "restart": {"interval": 10, "value": 1e-3},
                },
                "training": {"batch_size": 4, "epochs": 100, "validation_split": 0.2},
                "early_stopping": {"mode": "stability", "patience": 15, "threshold": 5e-3},
            }
        ),
    ),
    Preset(
        "tiny",
        "The same layers (16, 16), trained on digits shifted by up to a pixel; about 97%.",
        from_plain(
            {
                "network": {"hidden": [16, 16], "activation": "gelu"},
                "regularization": {"dropout": {"hidden": 0.0}},
                "learning_rate": {"initial": 6e-3},
                "training": {"batch_size": 128, "epochs": 80},
                "early_stopping": {"mode": "off"},
                "augmentation": {"shift": 1.0},
            }
        ),
    ),
    Preset(
        "dropout",
        "Three wide layers held in check by dropout and max-norm; about 98.8%, best on a GPU.",
        from_plain(
            {
                "network": {"hidden": [1024, 1024, 1024], "activation": "relu"},
                "regularization": {"dropout": {"input": 0.2, "hidden": 0.5}, "max_norm": 2.0},
                "learning_rate": {"initial": 1e-3},
                "training": {"batch_size": 128, "epochs": 100},
                "early_stopping": {"patience": 30},
            }
        ),
    ),
    Preset(
        "simard",
        "One layer of 800 on distorted digits (Simard and others, 2003); about 99.3%, in a few minutes on two CPU cores.",
        from_plain(
            {
                "network": {"hidden": [800], "activation": "relu"},
                "regularization": {"dropout": {"hidden": 0.0}},
                "learning_rate": {"initial": 2e-3},
                "training": {"batch_size": 128, "epochs": 40, "validation_split": 0.0},
                "early_stopping": {"mode": "off"},
                "augmentation": {
                    "rotation": 7.5,
                    "scale": 0.15,
                    "shear": 0.1,
                    "shift": 1.0,
                    "elastic_alpha": 27.0,
                    "elastic_sigma": 4.0,
                },
            }
        ),
    ),
    Preset(
        "record",
        "Three layers of 2048 on distorted digits; 99.6% in about a minute on an H200.",
        from_plain(_RECORD),
    ),
    Preset(
        "committee",
        "Five networks like that of record, trained longer on stronger distortions, decide together; 99.66% in eight minutes on an H200.",
        from_plain(_COMMITTEE),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _PRESETS})


def preset(name: str) -> Preset:
    """The preset of that name. Raises HyperparameterError, with the names there are."""
    if name in PRESETS:
        return PRESETS[name]
    raise HyperparameterError([f"there is no preset {name!r}{did_you_mean(name, PRESETS)} (there are {', '.join(PRESETS)})"])


def name_of(values: Hyperparameters) -> str | None:
    """The preset that has just these values; None where none has."""
    return next((preset.name for preset in PRESETS.values() if preset.hyperparameters == values), None)
