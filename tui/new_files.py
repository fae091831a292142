"""Files that are written only where there is none of their name yet."""

from __future__ import annotations

from pathlib import Path

from dataset.paths import expanded


def unused(name: str) -> str:
    """The name of a file that is not there yet: the one given, or with a number."""
    path, number = Path(name), 2
    while path.exists():
        path, number = Path(name).with_stem(f"{Path(name).stem}-{number}"), number + 1
    return str(path)


def write_new(path: str, content: str | bytes) -> str:
    """What is wrong, or an empty string."""
    from engine.storage.files import atomic_write

    target = expanded(path)
    if target.exists():
        return f"{path} is there already: give another name."
    try:
        atomic_write(target, content)
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}."
    return ""
