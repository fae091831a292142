"""The hyperparameters in the form: what was typed, what it means, and what is wrong with it. Knows no widgets."""

from __future__ import annotations

import re
import shlex
from typing import Any

from engine.configuration import HyperparameterError, changed, flatten, format_value, from_plain
from engine.hyperparameters import HYPERPARAMETERS, Hyperparameters
from engine.presets import preset


class Draft:
    """Values for every hyperparameter, valid or not, and the preset that they are compared with."""

    def __init__(self, preset_name: str, values: Hyperparameters | None = None) -> None:
        self.begin(preset_name, values)

    def begin(self, preset_name: str, values: Hyperparameters | None = None) -> None:
        """Starts over from a preset, with valid values of one's own or with its values."""
        self.preset_name = preset_name
        self.base = preset(preset_name).hyperparameters
        self._base_entries = flatten(self.base)
        self._entries: dict[str, Any] = flatten(values or self.base)
        self.values: Hyperparameters | None = None
        """None while something is wrong."""
        self.problems: dict[str, str] = {}
        """A sentence for each hyperparameter that is wrong, by its key."""
        self._check("")

    def set(self, key: str, entry: Any) -> None:
        """Enters a value, or the text that was typed for one."""
        self._entries[key] = parse(key, entry) if isinstance(entry, str) else entry
        self._check(key)

    def reset(self, key: str) -> None:
        """Sets one value back to the preset's."""
        self.set(key, self._base_entries[key])

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
    def reason(self) -> str:
        """Why there is nothing to run; empty where there is."""
        return next(iter(self.problems.values()), "")

    def command_line(self, device: str, dataset: str) -> str:
        """The command that trains with these values. Only while nothing is wrong."""
        assert self.values is not None
        words = ["digits-tui", "train", "--preset", self.preset_name]
        for key, value in changed(self.values, self.base).items():
            words += ["--set", f"{key}={format_value(value)}"]
        words += ["--device", device] if device != "auto" else []
        words += ["--dataset", dataset] if dataset != "mnist" else []
        return shlex.join(words)

    def _check(self, key: str) -> None:
        nested: dict[str, Any] = {}
        for name, entry in self._entries.items():
            *path, last = name.split(".")
            group = nested
            for part in path:
                group = group.setdefault(part, {})
            group[last] = entry
        try:
            self.values, self.problems = from_plain(nested), {}
        except HyperparameterError as error:
            self.values = None
            self.problems = {}
            for problem in error.problems:
                self.problems.setdefault(concerned(problem) or key, problem)


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
