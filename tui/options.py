"""What the command line hands to the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.hyperparameters import Hyperparameters


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the dashboard starts. Everything is checked before: the dashboard opens only with options that can be used."""

    device: str = "auto"
    dataset: str = "mnist"
    preset: str = "default"
    """The name of the preset that the hyperparameters began with."""
    hyperparameters: Hyperparameters | None = None
    """The values of the form at the start; None is the preset's."""
    config: Path | None = None
    """The TOML file that the hyperparameters came from; saving offers its name."""
    open: Path | None = None
    """A run directory or model file to look at from the start."""
    runs_directory: Path | None = None
    """Where runs are kept; None is the worker's default."""
    worker: str | None = None
    """The command that starts the worker, split as a shell would; None is the worker of this installation."""
