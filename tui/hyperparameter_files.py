"""Hyperparameters from a TOML file and into one, and what is wrong with a path that was typed for it."""

from __future__ import annotations

from pathlib import Path

from engine.configuration import HyperparameterError, read_toml, to_toml
from engine.files import atomic_write
from engine.hyperparameters import Hyperparameters


class Reading:
    """``values`` are those of the file that was read last."""

    values: Hyperparameters | None = None

    def problem(self, path: str) -> str:
        """Reads a file; why it cannot be used, or an empty string."""
        try:
            self.values = read_toml(Path(path).expanduser())
        except HyperparameterError as error:
            return str(error)
        return ""


class Writing:
    def __init__(self, values: Hyperparameters) -> None:
        self._text = to_toml(values)
        self._warned_of: Path | None = None

    def problem(self, path: str) -> str:
        """Writes a file; why it is not written, or an empty string. A file that is there is replaced when it is asked for twice."""
        file = Path(path).expanduser()
        try:
            if file.exists() and file.read_text(errors="replace") != self._text and file != self._warned_of:
                self._warned_of = file
                return f"{path} is there already; the same again replaces it"
            atomic_write(file, self._text)
        except OSError as error:
            return f"{path} cannot be written: {error.strerror}"
        return ""
