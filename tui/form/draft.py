"""The hyperparameters in the form: what was typed, what it means, and what is wrong with it. Knows no widgets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from dataset import DEFAULT_DATASET
from engine.hyperparameters.configuration import HyperparameterError, changed, flatten, format_value, from_plain
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.dotted_keys import put
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.presets import name_of, preset

MOST_UNDONE = 200
"""Changes that can be undone."""


class Version(NamedTuple):
    """What an undone change goes back to."""

    preset_name: str
    entries: Mapping[str, Any]
    is_loaded: bool
    """Whether the values came from a file, a sweep or another run, rather than from the preset."""


class Draft:
    """Values for every hyperparameter, valid or not, the preset that they are compared with, and the changes that can be undone."""

    def __init__(self, preset_name: str, values: Hyperparameters | None = None, is_loaded: bool = False) -> None:
        self.values: Hyperparameters | None = None
        """None while something is wrong."""
        self.problems: dict[str, str] = {}
        """A sentence for each hyperparameter that is wrong, by its key."""
        self.untold: frozenset[str] = frozenset()
        """Live hyperparameters of which the run in hand has another value."""
        self._undone: list[Version] = []
        self._done: list[Version] = []
        self._typing: str | None = None
        """The field whose changes, one a keystroke, count as one."""
        self._go_to(Version(preset_name, flatten(values or preset(preset_name).hyperparameters), is_loaded))

    def begin(self, preset_name: str, values: Hyperparameters | None = None) -> None:
        """Starts over with a preset's values, or with valid ones that were loaded, to be compared with it."""
        self._remember()
        self._go_to(Version(preset_name, flatten(values or preset(preset_name).hyperparameters), values is not None))

    def set(self, key: str, entry: Any) -> None:
        """Enters a value, or the text that was typed for one."""
        if key != self._typing:
            self._remember()
            self._typing = key
        self._undone.clear()
        self._enter({key: parse(key, entry) if isinstance(entry, str) else entry})

    def leave_field(self) -> None:
        """What is typed next is a change of its own."""
        self._typing = None

    def change(self, values: Mapping[str, Any]) -> None:
        """Enters several values as one change."""
        self._remember()
        self._enter(values)

    def reset(self, key: str) -> None:
        """Sets one value back to the preset's."""
        self.change({key: self._base_entries[key]})

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> list[str]:
        """Goes back to before the last change; the keys whose values that changes."""
        return self._exchange(self._done, self._undone)

    def redo(self) -> list[str]:
        """Makes the change undone last again; the keys whose values that changes."""
        return self._exchange(self._undone, self._done)

    def _exchange(self, source: list[Version], target: list[Version]) -> list[str]:
        before, version = self._version, source.pop()
        target.append(before)
        self._go_to(version)
        return [key for key in HYPERPARAMETERS if before.entries[key] != version.entries[key]]

    @property
    def _version(self) -> Version:
        return Version(self.preset_name, dict(self._entries), self.is_loaded)

    def _remember(self) -> None:
        """The version now is what the next change is undone to."""
        self._done = [*self._done, self._version][-MOST_UNDONE:]
        self._undone.clear()
        self._typing = None

    def _go_to(self, version: Version) -> None:
        self.preset_name, self.is_loaded = version.preset_name, version.is_loaded
        self.base = preset(version.preset_name).hyperparameters
        self._base_entries = flatten(self.base)
        self._entries: dict[str, Any] = dict(version.entries)
        self._typing = None
        self._check("")

    def _enter(self, values: Mapping[str, Any]) -> None:
        self._entries.update(values)
        self._check(next(iter(values)))

    def entry(self, key: str) -> Any:
        return self._entries[key]

    def text(self, key: str) -> str:
        """A value as the form shows it: TOML, without quotes and brackets."""
        return shown(self._entries[key])

    def base_text(self, key: str) -> str:
        return shown(self._base_entries[key])

    def is_changed(self, key: str) -> bool:
        return self.text(key) != self.base_text(key)

    @property
    def changed_keys(self) -> list[str]:
        return [key for key in HYPERPARAMETERS if self.is_changed(key)]

    @property
    def wrong_keys(self) -> list[str]:
        return [key for key in HYPERPARAMETERS if key in self.problems]

    @property
    def reason(self) -> str:
        """Why there is nothing to run; empty where there is."""
        return next(iter(self.problems.values()), "")

    @property
    def preset_of_run(self) -> str:
        """The preset that a run is said to be of: that which the values began with, or, of loaded ones, that which has just these; empty
        where none has. Only while nothing is wrong.
        """
        assert self.values is not None
        return (name_of(self.values) or "") if self.is_loaded else self.preset_name

    def command_line(self, device: str, dataset: str) -> str:
        """The command that trains with these values. Only while nothing is wrong."""
        assert self.values is not None
        return command_line(self.values, self.preset_name, device, dataset)

    def _check(self, key: str) -> None:
        nested: dict[str, Any] = {}
        for name, entry in self._entries.items():
            put(nested, name, entry)
        try:
            self.values, self.problems = from_plain(nested), {}
        except HyperparameterError as error:
            self.values = None
            self.problems = {}
            for problem in error.problems:
                self.problems.setdefault(concerned(problem) or key, problem)


def command_line(values: Hyperparameters, preset_name: str, device: str, dataset: str) -> str:
    """The command that trains with these values, as what differs from a preset."""
    words = ["digits-tui", "train", "--preset", preset_name]
    for key, value in changed(values, preset(preset_name).hyperparameters).items():
        words += ["--set", f"{key}={format_value(value)}"]
    words += ["--device", device] if device != "auto" else []
    words += ["--dataset", dataset] if dataset != DEFAULT_DATASET else []
    return shlex.join(words)


def parse(key: str, text: str) -> Any:
    """What was typed, as a value; the text itself where it is none, for validation to refuse."""
    text = text.strip()
    try:
        match HYPERPARAMETERS[key].kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "sizes":
                return [int(size) for size in text.strip("[]").replace(",", " ").split()]
            case "bool":
                return {"true": True, "false": False}.get(text, text)
            case "choice":
                names = [name.strip() for name in text.split(",")]
                return names if len(names) > 1 else text
    except ValueError:
        return text


def shown(value: Any) -> str:
    """A value as the form shows it, such as ``256, 128``, ``relu`` or ``0.002``."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    return format_value(value)


def told(value: Any) -> str:
    """The same where an empty list would be overlooked."""
    return shown(value) or "none"


def concerned(problem: str) -> str | None:
    """The hyperparameter that a sentence of ``HyperparameterError`` is about: the first that it names, fully or within its group."""
    words = re.findall(r"[a-z_0-9.]+[a-z_0-9]", problem)
    group = words[0] if words else ""
    for word in words:
        for key in (word, f"{group}.{word}"):
            if key in HYPERPARAMETERS:
                return key
    return None


def title(key: str) -> str:
    """What a field is called within its group, such as ``Dropout hidden``."""
    *_, parent, _ = key.split(".")
    name = HYPERPARAMETERS[key].title
    if key.count(".") == 1:
        return name
    return f"{parent.capitalize()} {name if name.isupper() else name.lower()}"
