"""Keys of the user's own: which there are, and which would clash."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from tui.bindings import ACTIONS, Action, key_name

MODIFIERS = ("ctrl+", "shift+", "alt+", "super+", "hyper+", "meta+")


def remapped(keymap: Mapping[str, str]) -> tuple[Action, ...]:
    """The table with other keys, by the actions' ids."""
    return tuple(replace(action, keys=keymap.get(action.id, action.keys)) for action in ACTIONS)


def key_in_force(keymap: Mapping[str, str], action_id: str) -> str:
    """The key of an action, as texts name it."""
    return next(key_name(keymap.get(action.id, action.keys)) for action in ACTIONS if action.id == action_id)


def shared_kept(keymap: Mapping[str, str]) -> dict[str, str]:
    """With the keys of actions that share one with an action in ``keymap``: where it goes, theirs would too."""
    moved = {(action.where, key) for action in ACTIONS if action.id in keymap for key in action.keys.split(",")}
    sharing = {action.id: action.keys for action in ACTIONS if any((action.where, key) in moved for key in action.keys.split(","))}
    return {**sharing, **keymap}


def clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Two ids and a key that ``keymap`` gives to both, where the table does not. May be changed while it is gone through."""
    for first, second in combinations(ACTIONS, 2):
        if "anywhere" in (first.where, second.where) or first.where == second.where:
            before = set(first.keys.split(",")) & set(second.keys.split(","))
            both = set(keymap.get(first.id, first.keys).split(",")) & set(keymap.get(second.id, second.keys).split(","))
            for key in sorted(both - before)[:1]:
                yield first.id, second.id, key


def normal(key: str) -> str | None:
    """A key as Textual names it, such as ``question_mark`` for ``?``; None where there is no such key."""
    from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key

    key = key.strip()
    modifiers = ""
    while begin := next((modifier for modifier in MODIFIERS if key.startswith(modifier)), ""):
        modifiers, key = modifiers + begin, key.removeprefix(begin)
    if len(key) == 1:
        return modifiers + _character_to_key(key)
    if key in [*Keys, "space", *KEY_NAME_REPLACEMENTS.values()]:
        return modifiers + key
    try:
        unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return None
    return modifiers + key
