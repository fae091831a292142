"""What the dashboard remembers from one time to the next: a JSON file in the user's state directory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from tui.log import note


@dataclass(frozen=True, kw_only=True)
class State:
    """None where nothing was chosen."""

    device: str | None = None
    dataset: str | None = None
    theme: str | None = None
    mode: str | None = None
    """The screen shown last."""
    preset: str | None = None
    hyperparameters: dict[str, Any] | None = None
    """The values in the form, nested."""
    loaded: bool = False
    """Whether these came from elsewhere than the preset."""
    layout: dict[str, Any] = field(default_factory=dict)
    """How screens are arranged, by names of their own."""
    greeted: bool = False


TYPES: dict[str, type] = {"hyperparameters": dict, "loaded": bool, "layout": dict, "greeted": bool}
"""Of values in the file that are not text."""


def state_file() -> Path:
    return Path(platformdirs.user_state_dir("digits-tui", appauthor=False)) / "state.json"


class Memory:
    """The state, and the file that keeps it; without one, it lasts as long as the program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.state = State(greeted=True) if path is None else _read(path)
        self._written = self.state

    def remember(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def write(self) -> None:
        """Brings the file up to date, where it is not. One that cannot be written costs a line in the log."""
        if self._path is None or self.state == self._written:
            return
        from engine.storage.files import atomic_write

        self._written = self.state
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self._path, json.dumps(asdict(self.state), indent=1) + "\n")
        except OSError as error:
            note(f"{self._path} cannot be written: {error.strerror}.")


def _read(path: Path) -> State:
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, RecursionError) as error:
        note(f"{path} cannot be read, so the dashboard begins afresh: {error}")
        return State()
    if not isinstance(values, dict):
        note(f"{path} is no state of the dashboard, so it begins afresh.")
        return State()
    known = {item.name for item in fields(State)}
    kept: dict[str, Any] = {name: value for name, value in values.items() if name in known and isinstance(value, TYPES.get(name, str))}
    if left_out := [name for name, value in values.items() if name not in kept and value is not None]:
        note(f"{path}: {', '.join(left_out)} cannot be used and is left out.")
    return State(**kept)
