"""Something to choose, as a picker or a notice offers it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """``value`` is what is chosen, ``detail`` a line under its title, ``key`` the keys of its own that it has in a notice, as Textual names
    them, separated by commas; the first is shown."""

    value: str
    title: str
    detail: str = ""
    key: str = ""
