"""The configuration file: keys, and how much the terminal and the eye can take.

ascii = true            # no characters beyond ASCII
reduced_motion = true   # nothing moves by itself

[keys]
"train.run" = "r,f11"    # an action's name of docs/keys.md or the help, and its keys
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from engine.hyperparameters.dotted_keys import flat
from tui.bindings import ACTIONS, key_name
from tui.keymap import clashes, normal, shared_kept


@dataclass(frozen=True, kw_only=True)
class Settings:
    ascii: bool = False
    """Whether only ASCII characters are drawn."""
    reduced_motion: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys, separated by commas, of the actions that have others than the table's; they do not clash."""
    problems: tuple[str, ...] = ()
    """A sentence for everything in the file that was left out."""


def settings_file() -> Path:
    return Path(platformdirs.user_config_dir("digits-tui", appauthor=False)) / "config.toml"


def read_settings(path: Path | None = None) -> Settings:
    """The settings in the file, that of the user if none is named; the defaults for what is not there or cannot be used."""
    path = path or settings_file()
    values: dict[str, Any] = {}
    problems: list[str] = []
    if path.exists():
        import tomllib

        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{path} cannot be read, so nothing of it counts: {error}")
    keys = values.pop("keys", {})
    if not isinstance(keys, dict):
        problems.append(f"{path.name}: keys has to be a table, [keys].")
        keys = {}
    switches = {}
    for name, value in values.items():
        if name not in ("ascii", "reduced_motion"):
            problems.append(f"{path.name}: there is no setting {name}; there are ascii, reduced_motion and [keys].")
        elif not isinstance(value, bool):
            problems.append(f"{path.name}: {name} has to be true or false.")
        else:
            switches[name] = value
    keymap, unusable = _keymap(flat(keys))
    problems += [f"{path.name}: {problem}" for problem in unusable]
    return Settings(
        ascii=switches.get("ascii", needs_ascii(os.environ)),
        reduced_motion=switches.get("reduced_motion", False),
        keys=keymap,
        problems=tuple(problems),
    )


def needs_ascii(environment: Mapping[str, str]) -> bool:
    """Whether the locale names an encoding other than UTF-8. One that names none is taken for UTF-8 where nothing else is said."""
    if sys.platform == "win32":
        return False
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "UTF-8")
    return "utf8" not in locale.lower().replace("-", "")


def _keymap(wanted: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The keys that can be had, each as Textual names it, and a sentence for those that cannot."""
    known = {action.id for action in ACTIONS}
    keymap: dict[str, str] = {}
    problems = []
    for name, value in wanted.items():
        keys = [normal(key) for key in value.split(",")] if isinstance(value, str) else [None]
        if name not in known:
            problems.append(f"there is no action {name}; the help (?) names them all.")
        elif None in keys:
            problems.append(f"{name} = {value!r} is no key, such as r, f11, ctrl+s or left, nor several, separated by commas.")
        else:
            keymap[name] = ",".join(key for key in keys if key)
    for first, second, key in clashes(keymap):
        dropped = second if second in keymap else first
        keymap.pop(dropped, None)
        problems.append(f"{key_name(key)} would be the key of both {first} and {second}, so {dropped} keeps its own.")
    return shared_kept(keymap), problems
