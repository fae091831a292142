"""What the command line hands to the dashboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataset import DEFAULT_DATASET
from tui.log import note
from tui.modes import MODES, Mode
from tui.settings import Settings
from tui.state import Memory

if TYPE_CHECKING:
    from engine.hyperparameters.definitions import Hyperparameters


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the dashboard starts. Everything is checked before: the dashboard opens only with options that can be used."""

    device: str = "auto"
    dataset: str = DEFAULT_DATASET
    preset: str = "default"
    """The name of the preset that the hyperparameters began with."""
    hyperparameters: Hyperparameters | None = None
    """The values of the form at the start; None is the preset's."""
    is_loaded: bool = False
    """Whether these are a file's rather than the preset's."""
    config: Path | None = None
    """The TOML file that the hyperparameters came from; saving offers its name."""
    open: Path | None = None
    """A run directory or model file to look at from the start."""
    runs_directory: Path | None = None
    """Where runs are kept; None is the worker's default."""
    worker: str | None = None
    """The command that starts the worker, split as a shell would; None is the worker of this installation."""
    coordinator: str | None = None
    """The command that starts the coordinator of a sweep, in the same way."""
    fallback: tuple[str, str] | None = None
    """The device and the data set for where the first ones, remembered from the last time, cannot be had any more."""
    settings: Settings = field(default_factory=Settings)
    memory: Memory = field(default_factory=Memory)
    owns_process: bool = False
    """Whether there is nothing in the process but the dashboard."""
    recalls: bool = True
    """Whether the form begins with the values that are remembered, if nothing else is asked for."""

    @property
    def left_in(self) -> Mode | None:
        """The mode of the last time, to go back to: not where other hyperparameters are asked for, nor where there is no run to look at."""
        left = next((mode for mode in MODES if mode.name == self.memory.state.mode), None)
        can_be_shown = left is not None and (self.open is not None or not left.needs_run)
        return left if self.recalls and can_be_shown else None

    def beginning(self) -> tuple[str, Hyperparameters | None, bool]:
        """The preset that the form begins with, the values where they are others, and whether these were loaded. Imports the
        hyperparameters' model.
        """
        from engine.hyperparameters.configuration import HyperparameterError, from_plain
        from engine.presets import preset

        state = self.memory.state
        if self.recalls and state.preset is not None and state.hyperparameters is not None:
            try:
                return preset(state.preset).name, from_plain(state.hyperparameters), state.loaded
            except HyperparameterError as error:
                note(f"The remembered hyperparameters cannot be used: {error}")
        return self.preset, self.hyperparameters, self.is_loaded
