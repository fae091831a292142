"""Hyperparameters from a TOML file and into one, those that are kept, and what is wrong with a path that was typed for it."""

from __future__ import annotations

from pathlib import Path

from dataset.paths import expanded
from engine.hyperparameters.configuration import HyperparameterError, read_toml, to_toml
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs import names
from engine.storage.files import atomic_write
from tui.item import Item


def kept_items(runs_directory: Path | None) -> list[Item]:
    """What sweeps have found and kept: the winners, and trials that were kept by hand; the newest first."""
    root = names.runs_directory(runs_directory) / names.SWEEPS_DIRECTORY
    files = sorted(root.glob("*/*.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [Item(str(path), f"{path.parent.name}: {'the winner' if path.stem == 'best' else path.stem}", f"From {path}") for path in files]


class Reading:
    """``values`` are those of the file that was read last."""

    values: Hyperparameters | None = None

    def problem(self, path: str) -> str:
        """Reads a file; why it cannot be used, or an empty string."""
        try:
            self.values = read_toml(expanded(path))
        except HyperparameterError as error:
            return str(error)
        return ""


class Writing:
    def __init__(self, values: Hyperparameters) -> None:
        self._text = to_toml(values)
        self._warned_of: Path | None = None

    def problem(self, path: str) -> str:
        """Writes a file; why it is not written, or an empty string. A file that is there is replaced when it is asked for twice."""
        file = expanded(path)
        try:
            if file.exists() and file.read_text(errors="replace") != self._text and file != self._warned_of:
                self._warned_of = file
                return f"{path} is there already; the same again replaces it"
            atomic_write(file, self._text)
        except OSError as error:
            return f"{path} cannot be written: {error.strerror}"
        return ""
